/**
 * What makes watching easier, beside the player itself: quality with the megabytes it takes, where one was, a strip of
 * small pictures to seek by, chapters, keys, and the transcript that leads to its moments.
 */
import { figure, words } from "/static/js/words.js";

const QUALITY = "miitti.quality";
const PLACES = "miitti.places";
/** Videos whose place is remembered, seconds between two notes, and how near an end counts as the end. */
const PLACES_KEPT = 40;
const NOTE = 5;
const END = 10;
/** Bits a second of the sound alone, its container included. */
const SOUND_BITS = 68_000;
/** What holds until somebody chooses: a browser told to save data gets the lightest picture. */
const SPARING = navigator.connection?.saveData ? "save" : "auto";

export function remembered(key) {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

export function remember(key, value) {
  try {
    localStorage.setItem(key, value);
  } catch {
    // Private windows may keep nothing; the choice lasts as long as the page.
  }
}

function places() {
  try {
    return JSON.parse(remembered(PLACES) ?? "[]");
  } catch {
    return [];
  }
}

/**
 * Equip a player. `player` tells what plays: current() the video's facts, onAir() whether a broadcast does, toggle(name)
 * presses a tool, goTo(id, seconds) plays a video of the list from there on.
 */
export function equip(film, video, player) {
  const tools = film.querySelector(".tools");
  const quality = tools.querySelector('[data-tool="quality"]');
  const chapter = tools.querySelector('[data-tool="chapter"]');
  const strip = film.querySelector(".strip");
  let hls = null;
  let noted = 0;

  const megabytes = (bits) => words(film, "megabytes", { size: figure(Math.max(1, Math.round((bits * player.current().seconds) / 8e6))) });

  quality.addEventListener("change", () => {
    remember(QUALITY, quality.value);
    apply();
  });

  /** Let the chosen quality hold: a height, the least there is, or whatever the line bears. */
  function apply() {
    if (!hls?.levels?.length) return;
    const wanted = quality.value;
    hls.autoLevelCapping = wanted === "save" ? 0 : -1;
    if (wanted === "save") hls.nextLevel = 0;
    else if (wanted === "auto") hls.nextLevel = -1;
    else hls.nextLevel = Math.max(0, hls.levels.findIndex((level) => edge(level) === Number(wanted)));
  }

  const edge = (level) => Math.min(level.width, level.height) || level.height;

  function offer() {
    const chosen = remembered(QUALITY) ?? SPARING;
    const auto = quality.querySelector('[value="auto"]');
    const save = quality.querySelector('[value="save"]');
    save.textContent = `${save.dataset.words} · ${megabytes(hls.levels[0].averageBitrate || hls.levels[0].bitrate)}`;
    const seen = new Set();
    const options = hls.levels.toReversed().flatMap((level) => {
      if (seen.has(edge(level))) return [];
      seen.add(edge(level));
      const option = document.createElement("option");
      option.value = String(edge(level));
      option.textContent = `${edge(level)}p · ${megabytes(level.averageBitrate || level.bitrate)}`;
      return [option];
    });
    quality.replaceChildren(auto, ...options, save);
    quality.value = [...quality.options].some((option) => option.value === chosen) ? chosen : "auto";
    apply();
  }

  chapter.addEventListener("change", () => {
    if (chapter.value) player.goTo(player.current().id, Number(chapter.value));
  });

  video.addEventListener("timeupdate", () => {
    const { id, seconds, chapters = [] } = player.current();
    if (player.onAir() || !id) return;
    const at = video.currentTime;
    if (document.activeElement !== range) range.value = String(at);
    const now = chapters.findLast((each) => each.at <= at);
    if (now && document.activeElement !== chapter) chapter.value = String(now.at);
    if (Math.abs(at - noted) < NOTE) return;
    noted = at;
    const others = places().filter(([other]) => other !== id);
    if (at > NOTE && at < seconds - END) others.push([id, Math.round(at)]);
    remember(PLACES, JSON.stringify(others.slice(-PLACES_KEPT)));
  });

  // -- the strip ---------------------------------------------------------------------------------------------

  const range = strip.querySelector("input");
  const look = strip.querySelector(".look-at");
  const clock = (time) => `${Math.floor(time / 60)}:${String(Math.floor(time % 60)).padStart(2, "0")}`;

  function picture(time) {
    const { board, seconds } = player.current();
    if (!board || !seconds) return;
    const number = Math.min(board.count - 1, Math.max(0, Math.floor(time / board.every)));
    const [x, y] = [number % board.across, Math.floor(number / board.across)];
    const face = look.firstElementChild;
    face.style.width = `${board.width}px`;
    face.style.height = `${board.height}px`;
    face.style.backgroundImage = `url("${board.src}")`;
    face.style.backgroundPosition = `-${x * board.width}px -${y * board.height}px`;
    look.lastElementChild.textContent = clock(time);
    look.hidden = false;
    const room = strip.clientWidth - board.width;
    look.style.left = `${Math.max(0, Math.min(room, (strip.clientWidth * time) / seconds - board.width / 2))}px`;
  }

  range.addEventListener("pointermove", (event) => {
    const box = range.getBoundingClientRect();
    picture(Math.max(0, Math.min(1, (event.clientX - box.left) / box.width)) * player.current().seconds);
  });
  range.addEventListener("input", () => {
    picture(Number(range.value));
    range.setAttribute("aria-valuetext", clock(Number(range.value)));
  });
  range.addEventListener("change", () => player.goTo(player.current().id, Number(range.value)));
  for (const name of ["pointerleave", "blur"]) range.addEventListener(name, () => (look.hidden = true));

  // -- keys --------------------------------------------------------------------------------------------------

  const keys = {
    k: () => (video.paused ? video.play().catch(() => {}) : video.pause()),
    j: () => (video.currentTime -= 10),
    l: () => (video.currentTime += 10),
    m: () => (video.muted = !video.muted),
    c: () => player.toggle("captions"),
    a: () => player.toggle("sound"),
    f: () => (document.fullscreenElement ? document.exitFullscreen() : video.requestFullscreen?.()),
  };
  film.addEventListener("keydown", (event) => {
    const act = keys[event.key.toLowerCase()];
    if (!act || event.altKey || event.ctrlKey || event.metaKey || event.target.matches("select, textarea")) return;
    event.preventDefault();
    act();
  });

  return {
    /** The tools fit the video that is current now. */
    changed() {
      const { seconds = 0, chapters = [], audio, board } = player.current();
      const air = player.onAir();
      noted = 0;
      quality.closest("label").hidden = air || !player.current().src;
      chapter.closest("label").hidden = air || !chapters.length;
      chapter.replaceChildren(
        chapter.firstElementChild,
        ...chapters.map((each) => {
          const option = document.createElement("option");
          option.value = String(each.at);
          option.textContent = `${clock(each.at)} ${each.title}`;
          return option;
        }),
      );
      strip.hidden = air || !board || !seconds;
      range.max = String(seconds);
      const size = tools.querySelector('[data-tool="sound"] small');
      if (size) size.textContent = audio && seconds && !air ? `· ${megabytes(SOUND_BITS)}` : "";
    },
    /** A player of HLS was made for what is current. */
    attached(made, Hls) {
      hls = made;
      hls.on(Hls.Events.MANIFEST_PARSED, () => hls === made && !player.onAir() && hls.levels.length && offer());
      hls.on(Hls.Events.DESTROYING, () => hls === made && (hls = null));
    },
    /** Seconds at which somebody left this video; 0 when they did not. */
    place: (id) => places().find(([other]) => other === id)?.[1] ?? 0,
  };
}

// A line of a transcript leads to its moment in the player that has the video.
for (const button of document.querySelectorAll("[data-transcript] .at")) {
  const { transcript } = button.closest("[data-transcript]").dataset;
  const film = [...document.querySelectorAll(".film[data-playlist]")].find((each) => each.dataset.playlist.includes(`"${transcript}"`));
  if (!film) continue;
  button.disabled = false;
  button.addEventListener("click", () => film.dispatchEvent(new CustomEvent("goto", { detail: { id: transcript, at: Number(button.dataset.at) } })));
}
