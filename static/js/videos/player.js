/**
 * The one video player: for one video, or for several one after another.
 *
 * A `.film` element carries its videos as JSON in `data-playlist`: [{title, src, audio, poster, captions}]. Nothing but
 * the poster is loaded until somebody presses play; then hls.js comes where it works, and the browser's own HLS elsewhere.
 * Chromium answers "maybe" for HLS of its own, so hls.js is asked first.
 */
import { words } from "/static/js/words.js";

const CAPTIONS = "miitti.captions";
const SPEED = "miitti.speed";
/** Attempts to go on after the line broke, and milliseconds before each. */
const PATIENCE = [1000, 3000, 8000, 15000];
let library;

/** Make every player of the page that is not one yet. */
export function start(root = document) {
  for (const film of root.querySelectorAll(".film[data-playlist]:not([data-made])")) {
    playlist(film, JSON.parse(film.dataset.playlist));
  }
}

/** Make `film` a player of `videos`, one after another. */
export function playlist(film, videos) {
  film.dataset.made = "";
  const video = film.querySelector("video");
  const play = film.querySelector(".play");
  const say = film.querySelector(".say");
  const tools = film.querySelector(".tools");
  const tool = (name) => tools.querySelector(`[data-tool="${name}"]`);
  let at = 0;
  let hls = null;
  let soundOnly = false;
  let tries = 0;
  let started = false;

  // The element's own source is for pages without scripts.
  video.querySelectorAll("source").forEach((source) => source.remove());
  video.controls = false;
  play.hidden = false;
  tools.hidden = false;
  wantCaptions(remembered(CAPTIONS) !== "off");
  tool("speed").value = remembered(SPEED) || "1";

  play.addEventListener("click", begin);
  tool("captions").addEventListener("click", () => {
    const on = tool("captions").getAttribute("aria-pressed") !== "true";
    remember(CAPTIONS, on ? "on" : "off");
    wantCaptions(on);
  });
  tool("sound").addEventListener("click", async () => {
    soundOnly = !soundOnly;
    tool("sound").setAttribute("aria-pressed", String(soundOnly));
    film.classList.toggle("sound-only", soundOnly);
    if (started) await load(video.currentTime, !video.paused);
  });
  tool("speed").addEventListener("change", () => {
    remember(SPEED, tool("speed").value);
    video.playbackRate = Number(tool("speed").value);
  });
  tool("next")?.addEventListener("click", next);
  video.addEventListener("ended", () => videos.length > 1 && next());
  video.addEventListener("playing", () => {
    tell("");
    tries = 0;
  });
  // The browser's own captions menu counts as a choice too.
  video.textTracks.addEventListener("change", () => {
    const on = [...video.textTracks].some((track) => track.mode === "showing");
    if (started && on !== (tool("captions").getAttribute("aria-pressed") === "true")) {
      remember(CAPTIONS, on ? "on" : "off");
      tool("captions").setAttribute("aria-pressed", String(on));
    }
  });

  async function begin() {
    started = true;
    play.hidden = true;
    video.controls = true;
    video.focus();
    await load(0, true);
  }

  async function next() {
    at = (at + 1) % videos.length;
    const { title, poster, captions, audio } = videos[at];
    const shown = tools.querySelector(".title");
    if (shown) shown.textContent = words(film, "now", { title });
    if (poster) video.poster = poster;
    video.querySelectorAll("track").forEach((track) => track.remove());
    for (const [number, caption] of captions.entries()) {
      const track = document.createElement("track");
      Object.assign(track, { kind: "captions", srclang: caption.lang, label: caption.label, src: caption.src });
      track.default = number === 0;
      video.append(track);
    }
    tool("captions").hidden = captions.length === 0;
    tool("sound").hidden = !audio;
    wantCaptions(remembered(CAPTIONS) !== "off");
    if (!started) return begin();
    return load(0, true);
  }

  /** Load the present video, picture or sound alone, from `from` seconds on. */
  async function load(from, playing) {
    tell(words(film, "wait"));
    const { src, audio } = videos[at];
    const address = soundOnly && audio ? audio : src;
    const Hls = await loaded();
    hls?.destroy();
    hls = null;
    if (Hls?.isSupported()) {
      hls = new Hls({ workerPath: film.dataset.worker, startPosition: from, capLevelToPlayerSize: true, maxBufferLength: 20 });
      hls.on(Hls.Events.ERROR, (_name, error) => error.fatal && recover(Hls, error));
      hls.attachMedia(video);
      hls.loadSource(address);
    } else {
      video.src = address;
      video.addEventListener("loadedmetadata", () => (video.currentTime = from), { once: true });
    }
    video.playbackRate = video.defaultPlaybackRate = Number(tool("speed").value);
    if (playing) {
      try {
        await video.play();
      } catch (error) {
        // NotAllowedError: the browser wants a press first; its own play button is there.
        if (error.name === "NotAllowedError") tell("");
      }
    } else {
      tell("");
    }
  }

  /** A broken line, or a video whose qualities have just been made anew: ask for it again where we are. */
  function recover(Hls, error) {
    if (error.type === Hls.ErrorTypes.MEDIA_ERROR && tries === 0) {
      tries += 1;
      hls.recoverMediaError();
      return;
    }
    if (tries >= PATIENCE.length) {
      hls.destroy();
      tell(words(film, "failed"));
      play.hidden = false;
      tries = 0;
      return;
    }
    setTimeout(() => load(video.currentTime, true), PATIENCE[tries]);
    tries += 1;
  }

  function wantCaptions(on) {
    for (const [number, track] of [...video.textTracks].entries()) track.mode = on && number === 0 ? "showing" : "disabled";
    tool("captions").setAttribute("aria-pressed", String(on));
  }

  function tell(text) {
    say.textContent = text;
    say.hidden = !text;
  }

  /** hls.js, fetched once and only when it is needed. */
  async function loaded() {
    library ??= import(film.dataset.library).then((module) => module.default, () => null);
    return library;
  }
}

function remembered(key) {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function remember(key, value) {
  try {
    localStorage.setItem(key, value);
  } catch {
    // Private windows may keep nothing; the choice lasts as long as the page.
  }
}

start();
