/**
 * Captions written beside the video. Each line has a beginning, an end and words; keys set the times at the playing
 * position. The form sends WebVTT text, which the page also shows where no script runs; a draft of it is kept in this
 * browser, so a closed tab loses nothing.
 */
import { wave } from "/static/js/videos/wave.js";
import { figure, words } from "/static/js/words.js";

/** Seconds without a line that are worth a question, seconds a new line lasts, characters a second one can read. */
const GAP = 6;
const LASTS = 3;
const READABLE = 20;
/** Milliseconds between two looks at a draft being written. */
const LOOK = 3000;

const desk = document.getElementById("writing");
const list = document.getElementById("cues");
const form = document.getElementById("lines");
const text = document.getElementById("captions-text");
const missing = document.getElementById("missing");
const aloud = document.getElementById("written");
const length = Number(desk.dataset.seconds) || 0;
const draft = `miitti.captions.${form.getAttribute("action")}`;
let cues = JSON.parse(list.dataset.cues);
let at = cues.length ? 0 : -1;
let picture = null;

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
  ["hear", "begin", "end", "words"].forEach((name, i) => (labels[i].textContent = `${number + 1}. ${desk.dataset[name]}`));
  item.querySelector(".hear").addEventListener("click", () => hear(cue));
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
  picture?.draw();
}

/** Play a line from where it begins. */
function hear(cue) {
  const film = desk.querySelector(".film");
  film.dispatchEvent(new CustomEvent("goto", { detail: { id: JSON.parse(film.dataset.playlist)[0].id, at: cue.begin } }));
}

function changed() {
  text.value = vtt();
  keep();
  mark();
  show();
  document.getElementById("none").hidden = cues.length > 0;
  const told = lacks();
  missing.classList.toggle("fine", told.length === 0);
  missing.replaceChildren(
    ...(told.length ? told.slice(0, 8) : cues.length ? [[words(desk, "fine")]] : []).map(([sentence, time]) => {
      const item = document.createElement("li");
      item.textContent = sentence;
      if (time !== undefined) item.replaceChildren(leads(sentence, time));
      return item;
    }),
  );
}

/** A sentence that leads to the moment it is about. */
function leads(sentence, time) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = sentence;
  button.addEventListener("click", () => {
    video().currentTime = time;
    const number = cues.findIndex((cue) => cue.begin === time);
    if (number >= 0) list.children[number].querySelector("textarea").focus();
  });
  return button;
}

/** What the times, and the sound where it is known, can tell is missing or wrong: sentences and their moments. */
function lacks() {
  const found = [];
  let until = 0;
  const gap = (from, to) => {
    if (to - from <= GAP || (picture && !picture.heard(from, to))) return;
    found.push([words(desk, "gap", { from: clock(from), to: clock(to) }), from]);
  };
  for (const cue of cues) {
    const { begin, end } = cue;
    const told = { at: clock(begin) };
    gap(until, begin);
    if (begin < until - 0.05) found.push([words(desk, "overlap", told), begin]);
    if (!cue.text.trim()) found.push([words(desk, "empty", told), begin]);
    else if (cue.text.length / Math.max(0.1, end - begin) > READABLE) found.push([words(desk, "fast", told), begin]);
    until = Math.max(until, end);
  }
  if (cues.length) gap(until, length);
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
    aloud.textContent = words(desk, "moved", { seconds: figure(by) });
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
    if (found?.base === list.dataset.cues) return found.cues;
    // They were saved, or somebody changed the captions since: what is here is the older one.
    localStorage.removeItem(draft);
  } catch {
    // Private windows may keep nothing.
  }
  return null;
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
// What was saved is forgotten when the page comes again with it; until then it may not have arrived.
form.addEventListener("submit", (event) => event.submitter?.value === "remove" && localStorage.removeItem(draft));
for (const id of ["keys", "shift"]) document.getElementById(id).hidden = false;
document.getElementById("as-text").hidden = true;
draw();

async function hearing() {
  const answer = desk.dataset.wave && (await fetch(desk.dataset.wave).catch(() => null));
  if (!answer?.ok) return;
  picture = wave(document.getElementById("wave"), await answer.json(), video(), {
    cues: () => cues,
    current: () => cues[at],
    chosen(cue) {
      at = cues.indexOf(cue);
      mark();
      list.children[at].scrollIntoView({ block: "nearest" });
    },
    moved(cue) {
      cues.sort((a, b) => a.begin - b.begin);
      at = cues.indexOf(cue);
      draw();
    },
  });
  changed();
}

/** A draft a program is writing: the page shows it when it is there, unless somebody has begun to write meanwhile. */
async function drafting(told) {
  const answer = await fetch(told.dataset.drafting, { headers: { Accept: "application/json" } }).catch(() => null);
  const state = answer?.ok ? await answer.json() : { drafting: true };
  if (state.drafting) setTimeout(drafting, LOOK, told);
  else if (cues.length) told.textContent = told.dataset.came;
  else location.reload();
}

hearing();
const drafted = document.querySelector("[data-drafting]");
if (drafted) drafting(drafted);
