/**
 * Where each video of a booth stands: told over a socket, asked for every few seconds where no socket gets through. What
 * changed is fetched and put in its place, so that nothing typed, played or sent elsewhere on the page is disturbed.
 */
import { start } from "/static/js/videos/player.js";
import { count, words } from "/static/js/words.js";

/** Milliseconds between two looks at the videos while no socket is there, and the least between two fetches of the page. */
const POLL = 3000;
const CALM = 800;

const UNDER_WAY = new Set(["received", "working", "playable"]);
const clips = document.getElementById("clips");
const csrf = document.querySelector('meta[name="csrf-token"]').content;
let socketed = false;
let wanted = 0;

export function left(element, time) {
  return count(element, "left", Math.max(1, Math.round(time / 60)));
}

function watched() {
  return [...clips.querySelectorAll("[data-video]")].filter((clip) => UNDER_WAY.has(clip.dataset.state));
}

function show(state) {
  const clip = clips.querySelector(`[data-video="${CSS.escape(state.id)}"]`);
  // One that is new to this page, or whose parts are others now.
  if (!clip || (state.poster && clip.dataset.poster && state.poster !== clip.dataset.poster)) return refresh();
  if (state.state !== clip.dataset.state && (state.state !== "working" || clip.dataset.state !== "received")) return refresh();
  clip.dataset.state = state.state;
  const bar = clip.querySelector("progress");
  if (!bar) return;
  bar.value = Math.round(100 * state.progress);
  const parts = [words(clips, state.state)];
  if (state.eta_s) parts.push(left(clips, state.eta_s));
  clip.querySelector(".progress small").textContent = parts.join(", ");
}

/** Whether somebody plays, writes or chooses something in the part, so that it must not be taken away. */
function used(part) {
  const typed = [...part.querySelectorAll("input, textarea, select")].some(
    (field) => field.closest("form") && (field.type === "file" ? field.files.length : field.defaultValue !== undefined && field.value !== field.defaultValue),
  );
  return typed || part.contains(document.activeElement) || [...part.querySelectorAll("video")].some((video) => !video.paused);
}

/** Fetch the page anew and put in place what is different. */
export function refresh() {
  clearTimeout(wanted);
  wanted = setTimeout(async () => {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } }).catch(() => null);
    if (!answer?.ok || answer.redirected) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    place(page.getElementById("clips"));
    document.getElementById("unfinished").replaceWith(page.getElementById("unfinished"));
    document.dispatchEvent(new CustomEvent("unfinished"));
    if (socket) watch();
  }, CALM);
}

function place(fresh) {
  const now = new Map([...clips.querySelectorAll(":scope > .clip")].map((clip) => [clip.id, clip]));
  for (const clip of fresh.querySelectorAll(":scope > .clip")) {
    const old = now.get(clip.id);
    now.delete(clip.id);
    if (!old) clips.append(clip);
    else if (signs(old) === signs(clip)) continue;
    else if (used(old)) later(old);
    else swap(old, clip);
  }
  for (const gone of now.values()) gone.remove();
  clips.querySelector(":scope > .empty")?.remove();
  const empty = fresh.querySelector(":scope > .empty");
  if (empty) clips.append(empty);
  start(clips);
  document.dispatchEvent(new CustomEvent("clips"));
}

/** What was unfolded stays so. */
function swap(old, clip) {
  const folds = [...old.querySelectorAll("details")];
  [...clip.querySelectorAll("details")].forEach((fold, number) => (fold.open = folds[number]?.open ?? fold.open));
  old.replaceWith(clip);
}

/** What tells two pictures of the same video apart. */
function signs(clip) {
  return [clip, ...clip.querySelectorAll("[data-state]")].map((part) => `${part.dataset.video}:${part.dataset.state}:${part.dataset.edition ?? ""}`).join(" ");
}

/** It is being used: look again when that is over. */
function later(clip) {
  clip.addEventListener("focusout", refresh, { once: true });
  clip.querySelector("video")?.addEventListener("pause", refresh, { once: true });
}

async function poll() {
  if (!socketed && !document.hidden) {
    for (const clip of watched()) {
      try {
        const answer = await fetch(clip.dataset.address, { headers: { Accept: "application/json" } });
        if (answer.ok) show(await answer.json());
        else if (answer.status === 404) refresh();
      } catch {
        // No line: the next look tells.
      }
    }
  }
  setTimeout(poll, POLL);
}

let socket = null;

function watch() {
  const videos = [...clips.querySelectorAll("[data-video]")].map((clip) => clip.dataset.video);
  socket.emit("watch", { videos, event: clips.dataset.event, booth: clips.dataset.booth }, (answer) => {
    socketed = answer.ok;
    answer.videos?.forEach(show);
  });
}

async function listen() {
  const { io } = await import(clips.dataset.socket);
  socket = io("/desk", { transports: ["websocket", "polling"], tryAllTransports: true, auth: { v: 1, csrf } });
  socket.on("connect", watch);
  socket.on("disconnect", () => (socketed = false));
  socket.on("video", show);
}

poll();
listen().catch(() => {});
