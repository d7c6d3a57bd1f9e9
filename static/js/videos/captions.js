/**
 * Captions written beside the video. Each line has a beginning, an end and words; keys set the times at the playing
 * position. The form sends WebVTT text, which the page also shows where no script runs; a draft of it is kept in this
 * browser, so a closed tab loses nothing.
 */
import { words } from "/static/js/words.js";

/** Seconds without a line that are worth a question, seconds a new line lasts, characters a second one can read. */
const GAP = 6;
const LASTS = 3;
const READABLE = 20;

const desk = document.getElementById("writing");
const list = document.getElementById("cues");
const form = document.getElementById("lines");
const text = document.getElementById("captions-text");
const missing = document.getElementById("missing");
const length = Number(desk.dataset.seconds) || 0;
const draft = `miitti.captions.${form.getAttribute("action")}`;
let cues = JSON.parse(list.dataset.cues);
let at = cues.length ? 0 : -1;

const video = () => desk.querySelector("video");
const now = () => Math.round(video().currentTime * 1000) / 1000;

function clock(seconds) {
  const whole = Math.max(0, seconds);
  const minutes = Math.floor(whole / 60);
  return `${minutes}:${(whole - 60 * minutes).toFixed(1).padStart(4, "0")}`;
}

function seconds(written) {
  const parts = written.trim().replace(",", ".").split(":").map(Number);
  return parts.length && parts.every((part) => Number.isFinite(part) && part >= 0) ? parts.reduce((sum, part) => sum * 60 + part, 0) : null;
}

function stamp(time) {
  const milli = Math.round(time * 1000);
  const two = (number) => String(number).padStart(2, "0");
  return `${two(Math.floor(milli / 3600000))}:${two(Math.floor(milli / 60000) % 60)}:${two(Math.floor(milli / 1000) % 60)}.${String(milli % 1000).padStart(3, "0")}`;
}

function vtt() {
  const written = cues.filter((cue) => cue.text.trim() && cue.end > cue.begin);
  if (!written.length) return "";
  const blocks = written.map((cue) => `${stamp(cue.begin)} --> ${stamp(cue.end)}\n${cue.text.trim().replace(/\n{2,}/g, "\n")}`);
  return `WEBVTT\n\n${blocks.join("\n\n")}\n`;
}

function draw(focus) {
  cues.sort((a, b) => a.begin - b.begin || a.end - b.end);
  list.replaceChildren(...cues.map(line));
  list.hidden = false;
  changed();
  if (focus) list.children[at]?.querySelector("textarea").focus();
}

function line(cue, number) {
  const item = document.getElementById("cue").content.firstElementChild.cloneNode(true);
  const [begin, end] = item.querySelectorAll("input");
  const said = item.querySelector("textarea");
  const labels = item.querySelectorAll(".unseen");
  ["begin", "end", "words"].forEach((name, i) => (labels[i].textContent = `${number + 1}. ${desk.dataset[name]}`));
  begin.value = clock(cue.begin);
  end.value = clock(cue.end);
  said.value = cue.text;
  item.addEventListener("focusin", () => {
    at = cues.indexOf(cue);
    mark();
  });
  for (const [input, name] of [[begin, "begin"], [end, "end"]]) {
    input.addEventListener("change", () => {
      const time = seconds(input.value);
      input.setAttribute("aria-invalid", String(time === null));
      if (time === null) return;
      cue[name] = time;
      input.value = clock(time);
      changed();
    });
  }
  said.addEventListener("input", () => {
    cue.text = said.value;
    changed();
  });
  return item;
}

function mark() {
  [...list.children].forEach((item, number) => item.classList.toggle("now", number === at));
}

function changed() {
  text.value = vtt();
  keep();
  mark();
  show();
  const told = lacks();
  missing.replaceChildren(
    ...(told.length ? told.slice(0, 8) : cues.length ? [words(desk, "fine")] : []).map((sentence) => {
      const item = document.createElement("li");
      item.textContent = sentence;
      return item;
    }),
  );
}

/** What the times alone can tell is missing or wrong. */
function lacks() {
  const found = [];
  let until = 0;
  for (const cue of cues) {
    if (cue.begin - until > GAP) found.push(words(desk, "gap", { from: clock(until), to: clock(cue.begin) }));
    if (cue.begin < until - 0.05) found.push(words(desk, "overlap", { at: clock(cue.begin) }));
    if (!cue.text.trim()) found.push(words(desk, "empty", { at: clock(cue.begin) }));
    else if (cue.text.length / Math.max(0.1, cue.end - cue.begin) > READABLE) found.push(words(desk, "fast", { at: clock(cue.begin) }));
    until = Math.max(until, cue.end);
  }
  if (length - until > GAP) found.push(words(desk, "gap", { from: clock(until), to: clock(length) }));
  return found;
}

/** The lines on the picture itself, as visitors will see them. */
let track;
function show() {
  if (!track) {
    for (const other of video().textTracks) other.mode = "disabled";
    track = video().addTextTrack("captions");
  }
  track.mode = "showing";
  for (const cue of [...(track.cues ?? [])]) track.removeCue(cue);
  for (const cue of cues) if (cue.text.trim() && cue.end > cue.begin) track.addCue(new VTTCue(cue.begin, cue.end, cue.text));
}

const doing = {
  add() {
    const begin = now();
    const next = cues.find((cue) => cue.begin > begin);
    const before = cues.findLast((cue) => cue.begin < begin);
    if (before && before.end > begin) before.end = begin;
    const cue = { begin, end: Math.min(begin + LASTS, next?.begin ?? Infinity, length || Infinity), text: "" };
    if (cue.end <= begin) cue.end = begin + 0.5;
    cues.push(cue);
    cues.sort((a, b) => a.begin - b.begin);
    at = cues.indexOf(cue);
    draw(true);
  },
  begin() {
    if (at < 0) return;
    const cue = cues[at];
    cue.begin = now();
    if (cue.end <= cue.begin) cue.end = cue.begin + LASTS;
    cues.sort((a, b) => a.begin - b.begin);
    at = cues.indexOf(cue);
    draw(true);
  },
  end() {
    if (at < 0 || now() <= cues[at].begin) return;
    cues[at].end = now();
    draw(true);
  },
  split() {
    if (at < 0) return;
    const cue = cues[at];
    const time = now();
    if (time <= cue.begin || time >= cue.end) return;
    const said = list.children[at].querySelector("textarea");
    // where one writes when that is inside the words, otherwise at the same share of the words as of the time
    let cut = said.selectionStart;
    if (!cut || cut >= cue.text.length) {
      const about = Math.round((cue.text.length * (time - cue.begin)) / (cue.end - cue.begin));
      const space = cue.text.indexOf(" ", about);
      cut = space < 0 ? about : space;
    }
    cues.splice(at + 1, 0, { begin: time, end: cue.end, text: cue.text.slice(cut).trim() });
    Object.assign(cue, { end: time, text: cue.text.slice(0, cut).trim() });
    at += 1;
    draw(true);
  },
  drop() {
    if (at < 0) return;
    cues.splice(at, 1);
    at = Math.min(at, cues.length - 1);
    draw(true);
  },
  shift() {
    const by = Number(document.getElementById("by").value) || 0;
    for (const cue of cues) {
      cue.begin = Math.max(0, cue.begin + by);
      cue.end = Math.max(cue.begin + 0.1, cue.end + by);
    }
    draw();
  },
  play() {
    const player = desk.querySelector(".film .play");
    if (player && !player.hidden) player.click();
    else if (video().paused) video().play();
    else video().pause();
  },
};

const KEYS = { n: "add", b: "begin", e: "end", s: "split", d: "drop", p: "play" };

function keep() {
  try {
    localStorage.setItem(draft, JSON.stringify({ base: list.dataset.cues, cues }));
  } catch {
    // Private windows may keep nothing.
  }
}

function kept() {
  try {
    const found = JSON.parse(localStorage.getItem(draft) ?? "null");
    // Somebody may have changed the captions since: then what is here is the older one.
    return found?.base === list.dataset.cues ? found.cues : null;
  } catch {
    return null;
  }
}

const earlier = kept();
if (Array.isArray(earlier) && earlier.length) {
  cues = earlier;
  at = 0;
}
for (const button of desk.querySelectorAll("button[data-do]")) button.addEventListener("click", () => doing[button.dataset.do]());
desk.addEventListener("keydown", (event) => {
  const what = event.altKey && !event.ctrlKey && !event.metaKey && KEYS[event.key.toLowerCase()];
  if (!what) return;
  event.preventDefault();
  doing[what]();
});
form.addEventListener("submit", () => localStorage.removeItem(draft));
for (const id of ["keys", "shift"]) document.getElementById(id).hidden = false;
document.getElementById("as-text").hidden = true;
draw();
