/**
 * Sending a booth's videos: pick or drag, checked before anything is sent, resumable (tus), with minutes left. And where
 * each video stands: told over a socket, asked for every few seconds where no socket gets through.
 */
import { count, figure, words } from "/static/js/words.js";

/** Bytes of one request: a broken line costs at most this much. */
const PIECE = 8 * 1024 * 1024;
/** Seconds between two progress messages read aloud. */
const ALOUD = 15;
/** Milliseconds between two looks at a video while no socket is there. */
const POLL = 3000;
const DELAYS = [0, 1000, 3000, 5000, 10000, 20000, 30000, 60000, 60000, 60000];

const sender = document.getElementById("sender");
const list = document.getElementById("sends");
const aloud = document.getElementById("sends-said");
const clips = document.getElementById("clips");
const csrf = document.querySelector('meta[name="csrf-token"]').content;
const going = new Set();

function setUp() {
  const input = sender.querySelector("input[type=file]");
  input.addEventListener("change", () => {
    take(input.files);
    input.value = "";
  });
  for (const name of ["dragenter", "dragover"]) {
    sender.addEventListener(name, (event) => {
      event.preventDefault();
      sender.classList.add("over");
    });
  }
  for (const name of ["dragleave", "drop"]) sender.addEventListener(name, () => sender.classList.remove("over"));
  sender.addEventListener("drop", (event) => {
    event.preventDefault();
    take(event.dataTransfer.files);
  });
  for (const other of document.querySelectorAll("input[data-replaces]")) {
    other.addEventListener("change", () => {
      take(other.files, other.dataset.replaces);
      other.value = "";
    });
  }
  for (const button of document.querySelectorAll('[data-do="here"]')) {
    button.hidden = false;
    button.addEventListener("click", () => {
      const time = button.closest(".clip").querySelector("video").currentTime;
      button.closest(".row").querySelector("input").value = time.toFixed(1);
    });
  }
  addEventListener("beforeunload", (event) => going.size && event.preventDefault());
}

async function take(files, replaces = "") {
  const wrong = sender.querySelector(".error");
  wrong.hidden = true;
  for (const file of files) {
    const fault = await check(file);
    if (fault) {
      wrong.textContent = `${file.name}: ${words(sender, fault)}`;
      wrong.hidden = false;
    } else {
      await send(file, replaces);
    }
  }
}

/** The name of what is wrong with a file, as far as the browser can tell; the server has the last word. */
async function check(file) {
  if (file.size === 0) return "empty";
  if (file.size > Number(sender.dataset.maxBytes)) return "large";
  const known = /\.(mp4|mov|m4v|mkv|webm|avi|ts|mts|m2ts|3gp)$/i.test(file.name);
  if (file.type ? !file.type.startsWith("video/") && !known : !known) return "kind";
  return (await seconds(file)) > Number(sender.dataset.maxSeconds) ? "long" : "";
}

/** Duration of a file in seconds; 0 when this browser can't tell. */
function seconds(file) {
  return new Promise((resolve) => {
    const video = document.createElement("video");
    const address = URL.createObjectURL(file);
    const done = (value) => {
      clearTimeout(late);
      video.removeAttribute("src");
      URL.revokeObjectURL(address);
      resolve(value);
    };
    const late = setTimeout(() => done(0), 4000);
    video.preload = "metadata";
    video.onloadedmetadata = () => done(Number.isFinite(video.duration) ? video.duration : 0);
    video.onerror = () => done(0);
    video.src = address;
  });
}

async function send(file, replaces) {
  await import(sender.dataset.library);
  const item = document.getElementById("send").content.firstElementChild.cloneNode(true);
  const bar = item.querySelector("progress");
  const note = item.querySelector("small");
  const wrong = item.querySelector(".error");
  const pause = item.querySelector('[data-do="pause"]');
  const [pauseWord, onWord] = [pause.textContent, pause.dataset.goOn];
  item.querySelector(".name").textContent = file.name;
  list.append(item);
  let since = null;
  let said = 0;

  const upload = new window.tus.Upload(file, {
    endpoint: sender.dataset.endpoint,
    chunkSize: PIECE,
    retryDelays: DELAYS,
    headers: { "X-CSRFToken": csrf, Accept: "application/json" },
    metadata: { filename: file.name, booth: sender.dataset.booth, event: sender.dataset.event, ...(replaces && { replaces }) },
    // The same file of another booth is another upload.
    fingerprint: async (it) => ["miitti", sender.dataset.event, sender.dataset.booth, replaces, it.name, it.size, it.lastModified].join("|"),
    removeFingerprintOnSuccess: true,
    onShouldRetry: (error) => {
      const status = error.originalResponse?.getStatus() ?? 0;
      if (!status) note.textContent = words(sender, "lost");
      return status === 0 || status === 409 || status === 423 || status === 429 || status === 460 || status >= 500;
    },
    onProgress: (sent, total) => {
      const now = performance.now() / 1000;
      since ??= { at: now, sent };
      const percent = Math.floor((100 * sent) / total);
      const speed = (sent - since.sent) / (now - since.at || 1);
      const parts = [words(sender, "sending", { percent })];
      if (now - since.at > 3 && speed > 0) parts.push(words(sender, "speed", { speed: figure(Math.round(speed / 1e5) / 10) }), left(sender, (total - sent) / speed));
      bar.value = percent;
      note.textContent = parts.join(", ");
      if (now - said > ALOUD) {
        said = now;
        aloud.textContent = note.textContent;
      }
    },
    onError: (error) => {
      going.delete(upload);
      wrong.textContent = told(error) || words(sender, "failed");
      wrong.hidden = false;
      pause.textContent = onWord;
    },
    onSuccess: () => {
      going.delete(upload);
      aloud.textContent = note.textContent = words(sender, "sent");
      location.reload();
    },
  });

  pause.addEventListener("click", async () => {
    if (going.has(upload)) {
      going.delete(upload);
      await upload.abort();
      pause.textContent = onWord;
      aloud.textContent = note.textContent = words(sender, "paused");
    } else {
      wrong.hidden = true;
      since = null;
      pause.textContent = pauseWord;
      going.add(upload);
      upload.start();
    }
  });
  item.querySelector('[data-do="stop"]').addEventListener("click", async () => {
    going.delete(upload);
    await upload.abort(true).catch(() => {});
    item.remove();
  });

  const [earlier] = await upload.findPreviousUploads();
  if (earlier) upload.resumeFromPreviousUpload(earlier);
  going.add(upload);
  upload.start();
}

/** What the server said is wrong, in words. */
function told(error) {
  try {
    return JSON.parse(error.originalResponse.getBody()).error.message;
  } catch {
    return "";
  }
}

function left(element, time) {
  return count(element, "left", Math.max(1, Math.round(time / 60)));
}

// -- where the videos stand --------------------------------------------------------------------------------

const UNDER_WAY = new Set(["received", "working", "playable"]);
let socketed = false;

function watched() {
  return [...clips.querySelectorAll("[data-video]")].filter((clip) => UNDER_WAY.has(clip.dataset.state));
}

function show(state) {
  const clip = clips.querySelector(`[data-video="${CSS.escape(state.id)}"]`);
  if (!clip) return;
  if (state.state !== clip.dataset.state && (state.state !== "working" || clip.dataset.state !== "received")) {
    // Another state has other things on the page; while something is being sent or watched, they wait.
    if (going.size === 0 && !playing()) location.reload();
    return;
  }
  clip.dataset.state = state.state;
  const bar = clip.querySelector("progress");
  if (!bar) return;
  bar.value = Math.round(100 * state.progress);
  const parts = [words(clips, state.state)];
  if (state.eta_s) parts.push(left(clips, state.eta_s));
  clip.querySelector(".progress small").textContent = parts.join(", ");
}

function playing() {
  return [...clips.querySelectorAll("video")].some((video) => !video.paused);
}

async function poll() {
  if (!socketed && !document.hidden) {
    for (const clip of watched()) {
      try {
        const answer = await fetch(clip.dataset.address, { headers: { Accept: "application/json" } });
        if (answer.ok) show(await answer.json());
      } catch {
        // No line: the next look tells.
      }
    }
  }
  setTimeout(poll, POLL);
}

async function listen() {
  const { io } = await import(clips.dataset.socket);
  const socket = io("/desk", { transports: ["websocket", "polling"], tryAllTransports: true, auth: { v: 1, csrf } });
  socket.on("connect", () => {
    socket.emit("watch", { videos: watched().map((clip) => clip.dataset.video) }, (answer) => {
      socketed = answer.ok;
      answer.videos?.forEach(show);
    });
  });
  socket.on("disconnect", () => (socketed = false));
  socket.on("video", show);
}

setUp();
if (watched().length) {
  poll();
  listen().catch(() => {});
}
