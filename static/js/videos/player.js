/**
 * The one video player: for one video, or for several one after another.
 *
 * A `.film` element carries its videos as JSON in `data-playlist`: [{title, src, audio, poster, captions}]. Nothing but
 * the poster is loaded until somebody presses play; then hls.js comes where it works, and the browser's own HLS elsewhere.
 * Chromium answers "maybe" for HLS of its own, so hls.js is asked first.
 *
 * With `data-live` there is a broadcast: it is played while it is on, the videos while it is not, and the player goes
 * from one to the other by itself.
 */
import { equip, remember, remembered } from "/static/js/videos/comfort.js";
import { follow } from "/static/js/videos/line.js";
import { words } from "/static/js/words.js";

const CAPTIONS = "miitti.captions";
const LANGUAGE = "miitti.captions.language";
const SPEED = "miitti.speed";
/** Attempts to go on after the line broke, and milliseconds before each. */
const PATIENCE = [1000, 3000, 8000, 15000];
/** The same for a broadcast, which comes back by itself within seconds. */
const LIVE_PATIENCE = [300, 1000, 1500, 2000, 3000];
/** Milliseconds between two looks whether the broadcast has begun, and between two signs that somebody watches. */
const LOOK = 6000;
const WATCHING = 25_000;
/** Seconds behind the newest picture from which the way back is offered. */
const FAR = 12;
/** Seconds behind where a viewer ought to be that hls.js does not make up by playing a little faster. */
const LAGGING = 2;
/** Milliseconds between two leaps forward: each costs a fresh buffer. */
const LEAP = 10_000;
/** Pixels of a small poster's longer edge. A larger player gets the large one, unless data shall be saved. */
const SMALL = 640;
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
  const live = film.dataset.live ? { src: film.dataset.live, audio: film.dataset.liveAudio } : null;
  let onAir = false;
  let looking = 0;
  /** Whether the viewer is behind on purpose: paused, or went back to see something again. */
  let chosen = false;
  let leapt = -LEAP;
  /** Whether the line was too slow for the picture, so that only the sound comes until it is better. */
  let fallen = false;

  const comfort = equip(film, video, {
    current: () => videos[at],
    onAir: () => onAir,
    toggle: (name) => !tool(name).hidden && tool(name).click(),
    goTo,
  });
  film.addEventListener("goto", (event) => goTo(event.detail.id, event.detail.at));

  // The element's own source is for pages without scripts.
  video.querySelectorAll("source").forEach((source) => source.remove());
  video.controls = false;
  play.hidden = false;
  tools.hidden = false;
  sharpen();
  offerLanguages();
  wantCaptions(remembered(CAPTIONS) !== "off");
  tool("speed").value = remembered(SPEED) || "1";
  comfort.changed();

  play.addEventListener("click", begin);
  tool("captions").addEventListener("click", () => {
    const on = tool("captions").getAttribute("aria-pressed") !== "true";
    remember(CAPTIONS, on ? "on" : "off");
    wantCaptions(on);
  });
  tool("language").addEventListener("change", () => {
    remember(LANGUAGE, tool("language").value);
    remember(CAPTIONS, "on");
    wantCaptions(true);
  });
  tool("sound").addEventListener("click", async () => {
    soundOnly = !soundOnly;
    fall(false);
    tool("sound").setAttribute("aria-pressed", String(soundOnly));
    if (started && onAir) await goLive();
    else if (started) await load(video.currentTime, !video.paused);
  });
  tool("edge")?.addEventListener("click", () => {
    const edge = hls?.liveSyncPosition ?? (video.seekable.length ? video.seekable.end(video.seekable.length - 1) - 2 : null);
    chosen = false;
    if (edge !== null) video.currentTime = edge;
    video.play().catch(() => {});
  });
  const forget = live
    ? follow(video, {
        rung: () => (onAir && !soundOnly && !fallen && hls?.levels?.[0]?.uri) || null,
        fall: () => {
          fall(true);
          goLive();
        },
        rise: () => {
          fall(false);
          goLive();
        },
      })
    : null;
  if (live) {
    video.addEventListener("timeupdate", () => {
      tool("edge").hidden = !onAir || (hls?.latency ?? 0) < FAR;
      keepUp();
    });
    video.addEventListener("pause", () => (chosen ||= pressed()));
    video.addEventListener("seeked", () => pressed() && (chosen = lag() >= LAGGING));
    setInterval(watching, WATCHING);
    video.addEventListener("playing", watching, { once: true });
  }
  tool("speed").addEventListener("change", () => {
    remember(SPEED, tool("speed").value);
    video.playbackRate = Number(tool("speed").value);
  });
  tool("next")?.addEventListener("click", next);
  video.addEventListener("ended", () => {
    if (onAir) lost(true);
    else if (videos.length > 1) next();
  });
  video.addEventListener("playing", () => {
    tell(fallen ? words(film, "slow") : "");
    tries = 0;
  });
  // The browser's own captions menu counts as a choice too.
  video.textTracks.addEventListener("change", () => {
    const shown = [...video.textTracks].find((track) => track.mode === "showing");
    if (!started) return;
    if (Boolean(shown) !== (tool("captions").getAttribute("aria-pressed") === "true")) {
      remember(CAPTIONS, shown ? "on" : "off");
      tool("captions").setAttribute("aria-pressed", String(Boolean(shown)));
    }
    if (shown?.language && shown.language !== tool("language").value) {
      remember(LANGUAGE, shown.language);
      tool("language").value = shown.language;
    }
  });

  async function begin() {
    started = true;
    play.hidden = true;
    video.controls = true;
    video.focus();
    if (live && (await goLive())) return;
    if (live) return films();
    await load(comfort.place(videos[at].id), true);
  }

  /** Play the broadcast, picture or sound alone; false when it is not on. */
  async function goLive() {
    tell(words(film, fallen ? "slow" : "wait"));
    const address = soundOnly || fallen ? live.audio : live.src;
    const [Hls, there] = await Promise.all([loaded(), fetch(address).catch(() => null)]);
    if (!there?.ok) return false;
    clearTimeout(looking);
    onAir = true;
    show();
    hls?.destroy();
    hls = null;
    video.playbackRate = video.defaultPlaybackRate = 1;
    if (Hls?.isSupported()) {
      hls = new Hls({
        enableWorker: false,
        // a slow line has no room for three looks a second at what is new
        lowLatencyMode: !fallen,
        backBufferLength: 60,
        maxLiveSyncPlaybackRate: 1.15,
        capLevelToPlayerSize: true,
      });
      hls.on(Hls.Events.ERROR, (_name, error) => error.fatal && lost(false));
      hls.attachMedia(video);
      // where the redirect led, so that no reload goes by the pages' server
      hls.loadSource(there.url);
    } else {
      video.src = address;
      video.addEventListener("error", () => lost(false), { once: true });
    }
    try {
      await video.play();
    } catch (error) {
      if (error.name === "NotAllowedError") tell("");
    }
    chosen = false;
    return true;
  }

  /** Go over to the sound alone because of the line, or take that back. */
  function fall(yes) {
    if (!yes) forget?.();
    fallen = yes;
    film.classList.toggle("sound-only", soundOnly || fallen);
  }

  /** Seconds behind where hls.js would have the viewer. */
  function lag() {
    return onAir && hls ? hls.latency - (hls.targetLatency ?? hls.latency) : 0;
  }

  /** Who fell behind without wanting to, on a line that stalled, is brought back. */
  function keepUp() {
    if (chosen || video.paused || video.seeking || lag() < LAGGING || performance.now() - leapt < LEAP) return;
    const edge = hls.liveSyncPosition;
    if (edge === null || edge <= video.currentTime) return;
    leapt = performance.now();
    video.currentTime = edge;
  }

  /** Whether somebody pressed something a moment ago. */
  function pressed() {
    return navigator.userActivation?.isActive ?? true;
  }

  /** The broadcast broke off, or ended: try again, then play the videos meanwhile. */
  async function lost(ended) {
    hls?.destroy();
    hls = null;
    if (ended) {
      onAir = false;
      fall(false);
      show();
      tell(words(film, "ended"));
      look();
      return;
    }
    if (tries >= LIVE_PATIENCE.length) {
      tries = 0;
      return films();
    }
    tell(words(film, "again"));
    clearTimeout(looking);
    looking = setTimeout(async () => (await goLive()) || lost(false), LIVE_PATIENCE[tries]);
    tries += 1;
  }

  /** The companies' videos while there is no broadcast; it is looked for all the while. */
  async function films() {
    onAir = false;
    fall(false);
    show();
    look();
    if (!videos[at].src) return tell(words(film, "waiting"));
    await load(0, true);
    tell(words(film, "films"));
    setTimeout(() => say.textContent === words(film, "films") && tell(""), 8000);
  }

  function look() {
    clearTimeout(looking);
    looking = setTimeout(async () => {
      const there = await fetch(live.src).catch(() => null);
      if (!there?.ok || !(await goLive())) look();
    }, LOOK * (0.7 + Math.random() * 0.6));
  }

  /** The tools that fit what is on. */
  function show() {
    film.classList.toggle("on-air", onAir);
    tool("speed").closest("label").hidden = onAir;
    tool("captions").hidden = onAir || videos[at].captions.length === 0;
    tool("language").closest("label").hidden = onAir || videos[at].captions.length < 2;
    tool("sound").hidden = !onAir && !videos[at].audio;
    if (tool("next")) tool("next").hidden = onAir;
    comfort.changed();
    const title = tools.querySelector(".title");
    if (title) title.hidden = onAir;
    if (onAir) video.querySelectorAll("track").forEach((track) => track.remove());
  }

  /** Tell the server that somebody watches; it counts heads and keeps no names. */
  function watching() {
    if (!onAir || video.paused) return;
    const csrf = document.querySelector('meta[name="csrf-token"]')?.content ?? "";
    fetch(film.dataset.watching, { method: "POST", headers: { "X-CSRFToken": csrf } }).catch(() => {});
  }

  /** Play the video called `id` from `seconds` on. */
  async function goTo(id, seconds) {
    const wanted = videos.findIndex((each) => each.id === id);
    if (wanted < 0 || onAir) return;
    if (wanted !== at) {
      at = wanted;
      dress();
    } else if (started) {
      video.currentTime = seconds;
      video.play().catch(() => {});
      return;
    }
    started = true;
    play.hidden = true;
    video.controls = true;
    await load(seconds, true);
  }

  async function next() {
    at = (at + 1) % videos.length;
    dress();
    if (!started) return begin();
    return load(0, true);
  }

  /** Let poster, captions and tools be those of the video that is current now. */
  function dress() {
    const { title, captions, audio } = videos[at];
    const shown = tools.querySelector(".title");
    if (shown) shown.textContent = words(film, "now", { title });
    sharpen();
    video.querySelectorAll("track").forEach((track) => track.remove());
    for (const [number, caption] of captions.entries()) {
      const track = document.createElement("track");
      Object.assign(track, { kind: "captions", srclang: caption.lang, label: caption.label, src: caption.src });
      track.default = number === 0;
      video.append(track);
    }
    tool("captions").hidden = captions.length === 0;
    tool("sound").hidden = !audio;
    offerLanguages();
    wantCaptions(remembered(CAPTIONS) !== "off");
    comfort.changed();
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
      hls = new Hls({ enableWorker: false, startPosition: from, capLevelToPlayerSize: true, maxBufferLength: 20 });
      comfort.attached(hls, Hls);
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

  /** The poster that fits: a phone keeps the small one that came with the page. */
  function sharpen() {
    const { poster, small } = videos[at];
    const large = video.clientWidth * (devicePixelRatio || 1) > SMALL && !navigator.connection?.saveData;
    const wanted = (large && poster) || small || poster;
    if (wanted && video.getAttribute("poster") !== wanted) video.poster = wanted;
  }

  /** The languages of the captions to choose from, the one used last first in line. */
  function offerLanguages() {
    const { captions } = videos[at];
    tool("language").replaceChildren(
      ...captions.map(({ lang, label }) => {
        const option = document.createElement("option");
        Object.assign(option, { value: lang, lang, textContent: label });
        return option;
      }),
    );
    const wanted = remembered(LANGUAGE);
    if (captions.some(({ lang }) => lang === wanted)) tool("language").value = wanted;
    tool("language").closest("label").hidden = captions.length < 2;
  }

  function wantCaptions(on) {
    for (const track of video.textTracks) {
      // A track without a language is the captions editor's own.
      if (track.language) track.mode = on && track.language === tool("language").value ? "showing" : "disabled";
    }
    tool("captions").setAttribute("aria-pressed", String(on));
  }

  function tell(text) {
    say.textContent = text;
    say.hidden = !text;
  }

  /** hls.js, fetched once and only when it is needed. */
  async function loaded() {
    library ??= import(film.dataset.library).then(() => globalThis.Hls, () => null);
    return library;
  }
}

start();
