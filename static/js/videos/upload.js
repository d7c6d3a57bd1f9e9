/**
 * Sending a booth's videos: pick, film or drag, checked before anything is sent, one after another, resumable (tus), with
 * speed and minutes left. A broken line, a closed browser or another day are gone on from by the same file.
 */
import { left, refresh } from "/static/js/videos/clips.js";
import { figure, words } from "/static/js/words.js";

/** Bytes of one request: a broken line costs at most this much. */
const PIECE = 8 * 1024 * 1024;
/** Seconds between two progress messages read aloud, and seconds of sending the speed is taken from. */
const ALOUD = 15;
const LATELY = 20;
const DELAYS = [0, 1000, 3000, 5000, 10000, 20000, 30000, 60000, 60000, 60000];

const sender = document.getElementById("sender");
const list = document.getElementById("sends");
const aloud = document.getElementById("sends-said");
const csrf = document.querySelector('meta[name="csrf-token"]').content;
/** What is being sent, and what waits for its turn: two at once on a thin line would both be late. */
const going = new Set();
const queue = [];
let awake = null;
/** Whether the next file is being made ready to be sent. */
let preparing = false;

function setUp() {
  for (const input of sender.querySelectorAll("input[type=file]")) choose(input);
  // A file dropped beside the place meant for it must not replace the page.
  for (const name of ["dragover", "drop"]) addEventListener(name, (event) => event.preventDefault());
  addEventListener("dragover", (event) => {
    const files = event.dataTransfer?.types.includes("Files");
    sender.classList.toggle("over", Boolean(files && sender.contains(event.target)));
  });
  sender.addEventListener("dragleave", () => sender.classList.remove("over"));
  sender.addEventListener("drop", (event) => {
    sender.classList.remove("over");
    take([...event.dataTransfer.files]);
  });
  addEventListener("beforeunload", (event) => going.size && event.preventDefault());
  addEventListener("online", () => going.forEach((sending) => sending.again()));
  document.addEventListener("visibilitychange", () => document.hidden || stayAwake());
  document.addEventListener("clips", dress);
  document.addEventListener("unfinished", unfinished);
  dress();
  unfinished();
}

function choose(input, replaces = "") {
  input.addEventListener("change", () => {
    const files = [...input.files];
    input.value = "";
    take(files, replaces);
  });
}

/** The buttons of the videos that need this script. */
function dress() {
  for (const input of document.querySelectorAll("input[data-replaces]:not([data-made])")) {
    input.dataset.made = "";
    choose(input, input.dataset.replaces);
  }
  for (const button of document.querySelectorAll('[data-do="here"][hidden]')) {
    button.hidden = false;
    button.addEventListener("click", () => {
      const time = button.closest(".clip").querySelector("video").currentTime;
      button.closest(".row").querySelector("input").value = time.toFixed(1);
    });
  }
}

async function take(files, replaces = "") {
  const wrong = sender.querySelector(".error");
  wrong.hidden = true;
  for (const file of files) {
    const item = line(file);
    const fault = await check(file);
    if (fault) {
      item.remove();
      wrong.textContent = `${file.name}: ${words(sender, fault)}`;
      wrong.hidden = false;
    } else {
      queue.push({ file, replaces, item });
      next();
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

/** A line of the list for a file: it is being looked at, waits, and is sent. */
function line(file) {
  const item = document.getElementById("send").content.firstElementChild.cloneNode(true);
  item.querySelector(".name").textContent = file.name;
  item.querySelector("small").textContent = words(sender, "checking");
  item.querySelector('[data-do="stop"]').addEventListener("click", () => drop(item));
  for (const button of item.querySelectorAll("button")) button.setAttribute("aria-label", `${button.textContent}: ${file.name}`);
  list.append(item);
  return item;
}

async function drop(item) {
  const waiting = queue.findIndex((each) => each.item === item);
  if (waiting >= 0) queue.splice(waiting, 1);
  const sending = [...going].find((each) => each.item === item) ?? item.paused;
  await sending?.giveUp();
  going.delete(sending);
  item.remove();
  document.getElementById("file").focus();
  next();
}

async function next() {
  for (const { item } of queue) item.querySelector("small").textContent = words(sender, "turn");
  if (going.size || preparing || !queue.length) return;
  const { file, replaces, item } = queue.shift();
  preparing = true;
  const sending = await send(file, replaces, item);
  preparing = false;
  // given up while it was made ready: not a byte of it goes
  if (!item.isConnected) return next();
  going.add(sending);
  sending.start();
  stayAwake();
}

/** A phone that locks its screen stops sending; where the browser lets us, the screen stays on meanwhile. */
async function stayAwake() {
  if (!going.size) {
    awake?.release().catch(() => {});
    awake = null;
  } else if (!awake || awake.released) {
    awake = await navigator.wakeLock?.request("screen").catch(() => null);
  }
}

async function send(file, replaces, item) {
  await import(sender.dataset.library);
  const bar = item.querySelector("progress");
  const note = item.querySelector("small");
  const wrong = item.querySelector(".error");
  const pause = item.querySelector('[data-do="pause"]');
  const [pauseWord, onWord] = [pause.textContent, pause.dataset.goOn];
  const speed = speedometer();
  let said = 0;
  let lost = false;

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
      if (!status) {
        lost = true;
        speed.restart();
        note.textContent = words(sender, "lost");
        say(note.textContent);
      }
      return status === 0 || status === 409 || status === 423 || status === 429 || status === 460 || status >= 500;
    },
    onProgress: (sent, total) => {
      lost = false;
      const percent = Math.floor((100 * sent) / total);
      const rate = speed.at(sent);
      const parts = [words(sender, "sending", { percent })];
      if (rate) parts.push(words(sender, "speed", { speed: figure(Math.max(0.1, Math.round(rate / 1e5) / 10)) }), left(sender, (total - sent) / rate));
      bar.value = percent;
      note.textContent = parts.join(", ");
      if (performance.now() - said > ALOUD * 1000) {
        said = performance.now();
        say(`${file.name}: ${note.textContent}`);
      }
    },
    onError: (error) => {
      wrong.textContent = told(error) || words(sender, "failed");
      wrong.hidden = false;
      stand();
    },
    onSuccess: () => {
      going.delete(sending);
      say(`${file.name}: ${words(sender, "sent")}`);
      item.remove();
      stayAwake();
      refresh();
      next();
    },
  });

  const sending = {
    item,
    start() {
      wrong.hidden = true;
      pause.hidden = false;
      pause.textContent = pauseWord;
      pause.setAttribute("aria-label", `${pauseWord}: ${file.name}`);
      speed.restart();
      item.paused = null;
      upload.start();
    },
    /** The line is back: no need to wait for the next try. */
    async again() {
      if (!lost) return;
      lost = false;
      await upload.abort();
      upload.start();
    },
    giveUp: () => upload.abort(true).catch(() => {}),
    address: () => upload.url,
  };

  /** It stands still until somebody lets it go on; the next file may be sent meanwhile. */
  function stand() {
    going.delete(sending);
    item.paused = sending;
    pause.textContent = onWord;
    pause.setAttribute("aria-label", `${onWord}: ${file.name}`);
    stayAwake();
    next();
  }

  pause.addEventListener("click", async () => {
    if (going.has(sending)) {
      await upload.abort();
      note.textContent = words(sender, "paused");
      say(note.textContent);
      stand();
    } else {
      going.add(sending);
      sending.start();
      stayAwake();
    }
  });

  const [earlier] = await upload.findPreviousUploads();
  if (earlier) upload.resumeFromPreviousUpload(earlier);
  else upload.url = begun(file, replaces);
  const resumed = earlier?.uploadUrl ?? upload.url;
  for (const each of document.querySelectorAll("[data-unfinished]")) each.hidden ||= Boolean(resumed?.endsWith(each.dataset.address));
  return sending;
}

/** The address of an upload the server knows to be unfinished and of this name and size: begun in another browser. */
function begun(file, replaces) {
  if (replaces) return null;
  const known = [...document.querySelectorAll("[data-unfinished]")];
  const found = known.find((each) => each.dataset.unfinished === file.name && Number(each.dataset.length) === file.size);
  return found?.dataset.address ?? null;
}

/** Bytes a second of the last seconds; 0 while that is too short to tell. */
function speedometer() {
  let marks = [];
  return {
    restart: () => (marks = []),
    at(sent) {
      const now = performance.now() / 1000;
      marks.push([now, sent]);
      while (now - marks[0][0] > LATELY) marks.shift();
      const [since, before] = marks[0];
      return now - since > 2 ? (sent - before) / (now - since) : 0;
    },
  };
}

function say(text) {
  aloud.textContent = text;
}

/** What the server said is wrong, in words. */
function told(error) {
  try {
    return JSON.parse(error.originalResponse.getBody()).error.message;
  } catch {
    return "";
  }
}

/** What was left unfinished can be forgotten, for it takes a place among the booth's videos; what goes on here can't. */
function unfinished() {
  const here = [...going, ...[...list.children].map((item) => item.paused)].map((sending) => sending?.address());
  for (const line of document.querySelectorAll("[data-unfinished]")) {
    line.hidden = here.some((address) => address?.endsWith(line.dataset.address));
    const button = line.querySelector('[data-do="forget"][hidden]');
    if (!button) continue;
    button.hidden = false;
    button.addEventListener("click", async () => {
      const headers = { "Tus-Resumable": "1.0.0", "X-CSRFToken": csrf };
      await fetch(line.dataset.address, { method: "DELETE", headers }).catch(() => {});
      document.getElementById("file").focus();
      refresh();
    });
  }
}

setUp();
