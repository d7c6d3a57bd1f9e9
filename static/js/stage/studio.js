/**
 * The browser's studio: looks at the devices, shows how loud it is, and sends what MediaRecorder writes.
 *
 * Chunks are numbered from 0 and each is sent until it is acknowledged, in order, so a line that drops is gone on with.
 * When the stage has forgotten the recording (it was started anew), a new recording begins by itself.
 */
import { words } from "/static/js/words.js";

const studio = document.getElementById("studio");
const video = studio.querySelector("video");
const say = studio.querySelector("[data-say]");
const go = studio.querySelector("[data-go]");
const end = studio.querySelector("[data-end]");
const screen_ = studio.querySelector("[data-screen]");
const over = studio.querySelector("[data-take]");
const chip = studio.querySelector("[data-live-chip]");
const meter = studio.querySelector("meter");

/** Safari writes whole chunks only when they are a second long. */
const SLICE = /^((?!chrome|android).)*safari/i.test(navigator.userAgent) ? 1000 : 250;
const FORMS = ["video/webm;codecs=h264,opus", "video/webm;codecs=vp8,opus", "video/webm", "video/mp4"];
/** Chunks that wait before it is said; those beyond which the oldest recording is given up. */
const SLOW = 12;
const HOPELESS = 400;
/** Milliseconds a refusal is tried again: our own page of before a reload may still count as sending. */
const REFUSED = 4000;

let stream = null;
let recorder = null;
let session = null;
let sending = false;

function tell(name, values) {
  const text = words(studio, name, values);
  if (say.textContent !== text) say.textContent = text;
}

// -- devices --------------------------------------------------------------------------------------------------

async function open() {
  tell("asking");
  const chosen = (kind) => studio.querySelector(`[data-pick="${kind}"]`).value || undefined;
  try {
    const next = await navigator.mediaDevices.getUserMedia({
      video: { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 25 }, deviceId: chosen("videoinput") },
      audio: { echoCancellation: true, noiseSuppression: true, deviceId: chosen("audioinput") },
    });
    take(next);
  } catch {
    tell("denied");
    return;
  }
  await list();
}

function take(next) {
  const before = stream;
  stream = next;
  video.srcObject = stream;
  listen();
  if (sending) restart();
  before?.getTracks().forEach((track) => stream.getTracks().includes(track) || track.stop());
  go.disabled = !form();
  if (!sending) tell(form() ? "ready" : "unable");
}

async function list() {
  const devices = await navigator.mediaDevices.enumerateDevices();
  for (const [kind, name] of [["videoinput", "camera"], ["audioinput", "microphone"]]) {
    const select = studio.querySelector(`[data-pick="${kind}"]`);
    const now = stream.getTracks().find((track) => track.kind === kind.slice(0, 5))?.getSettings().deviceId;
    const found = devices.filter((device) => device.kind === kind);
    select.replaceChildren(...found.map((device, n) => new Option(device.label || words(studio, name, { num: n + 1 }), device.deviceId)));
    if (now) select.value = now;
    select.onchange = open;
  }
}

screen_.hidden = !navigator.mediaDevices?.getDisplayMedia;
screen_.addEventListener("click", async () => {
  try {
    const shared = await navigator.mediaDevices.getDisplayMedia({ video: { frameRate: { ideal: 15 } } });
    const picture = shared.getVideoTracks()[0];
    // the browser's own "stop sharing" brings the camera back
    picture.addEventListener("ended", open);
    take(new MediaStream([picture, ...stream.getAudioTracks()]));
  } catch {
    /* the person changed their mind */
  }
});

let context = null;
function listen() {
  context?.close();
  const sound = stream.getAudioTracks()[0];
  if (!sound) return;
  context = new AudioContext();
  const analyser = context.createAnalyser();
  analyser.fftSize = 1024;
  context.createMediaStreamSource(new MediaStream([sound])).connect(analyser);
  const wave = new Float32Array(analyser.fftSize);
  const mine = context;
  const draw = () => {
    if (mine !== context) return;
    analyser.getFloatTimeDomainData(wave);
    meter.value = Math.min(1, Math.sqrt(wave.reduce((sum, x) => sum + x * x, 0) / wave.length) * 3);
    setTimeout(draw, 80);
  };
  draw();
}

// -- sending --------------------------------------------------------------------------------------------------

function form() {
  return globalThis.MediaRecorder ? FORMS.find((type) => MediaRecorder.isTypeSupported(type)) : undefined;
}

go.addEventListener("click", () => begin(false));
over.addEventListener("click", () => begin(true));
end.addEventListener("click", () => leave("ended"));

async function begin(take) {
  sending = true;
  go.hidden = over.hidden = true;
  end.hidden = false;
  tell("starting");
  const body = new URLSearchParams({ action: "live" });
  const csrf = document.querySelector('meta[name="csrf-token"]').content;
  await fetch(studio.dataset.run, { method: "POST", body, headers: { "X-CSRFToken": csrf, Accept: "application/json" } }).catch(() => {});
  if (sending) restart(take);
}

/** Stop sending and say why; what was recorded is on the air or gone. */
function leave(name) {
  sending = false;
  stop();
  chip.hidden = true;
  go.hidden = name === "taken";
  over.hidden = name !== "taken";
  end.hidden = true;
  tell(name);
}

/** Begin a new recording: the header lies in its first chunk. */
function restart(take = false) {
  stop();
  const mine = { name: crypto.randomUUID().replaceAll("-", "").slice(0, 20), queue: [], next: 0, over: false, take };
  session = mine;
  recorder = new MediaRecorder(stream, { mimeType: form(), videoBitsPerSecond: 2_000_000, audioBitsPerSecond: 96_000 });
  recorder.addEventListener("dataavailable", ({ data }) => {
    // without a type the browser need not ask for leave before each chunk
    if (data.size && !mine.over) mine.queue.push(data.slice(0, data.size, ""));
    if (mine.queue.length > HOPELESS && sending && mine === session) restart();
  });
  recorder.start(SLICE);
  pump(mine);
}

function stop() {
  const before = session;
  session = null;
  if (recorder && recorder.state !== "inactive") recorder.stop();
  recorder = null;
  if (!before) return;
  before.over = true;
  fetch(`${studio.dataset.inbox}~${before.name}/end`, { method: "POST", keepalive: true }).catch(() => {});
}

/** Send one chunk; gives the answer, or null when the line is down. */
async function send(mine) {
  const first = `?form=${form().includes("mp4") ? "mp4" : "webm"}${mine.take ? "&take=1" : ""}`;
  const address = `${studio.dataset.inbox}~${mine.name}/${mine.next}${mine.next ? "" : first}`;
  return fetch(address, { method: "POST", body: mine.queue[0], signal: AbortSignal.timeout(8000) }).catch(() => null);
}

async function pump(mine) {
  let pause = 300;
  let refused = 0;
  while (!mine.over) {
    if (!mine.queue.length) {
      await new Promise((wake) => setTimeout(wake, 40));
      continue;
    }
    const answer = await send(mine);
    if (mine.over) return;
    if (answer?.ok) {
      const { next } = await answer.json();
      // what was acknowledged is not sent again, also when the answer to an earlier try was lost
      for (; mine.next < next && mine.queue.length; mine.next += 1) mine.queue.shift();
      pause = 300;
      chip.hidden = false;
      if (mine.queue.length > SLOW) tell("behind", { num: Math.round((mine.queue.length * SLICE) / 1000) });
      else tell("live");
      continue;
    }
    if (answer?.status === 410) return restart();
    if (answer?.status === 403) {
      refused ||= Date.now();
      if (Date.now() - refused > REFUSED) return leave("taken");
    } else if (!refused) {
      tell("broken");
    }
    await new Promise((wake) => setTimeout(wake, pause));
    pause = Math.min(pause * 1.7, 4000);
  }
}

addEventListener("pagehide", stop);
if (navigator.mediaDevices) open();
else tell("unable");
