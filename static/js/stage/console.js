/** The host's console: keeps its figures and words true, and shows what visitors see. */

const console_ = document.getElementById("console");
const preview = console_.querySelector("[data-preview]");
let hls = null;
let trying = false;

async function look() {
  try {
    const answer = await fetch(console_.dataset.state, { headers: { Accept: "application/json" } });
    if (answer.ok) show(await answer.json());
  } catch {
    /* offline: what is shown stays, and the next look tells */
  }
  setTimeout(look, document.visibilityState === "visible" ? 2000 : 10_000);
}

function show(state) {
  const said = console_.querySelector("[data-words]");
  if (said.textContent !== state.words) said.textContent = state.words;
  console_.querySelector('[data-show="live"]').hidden = state.air !== "live";
  for (const figure of console_.querySelectorAll("[data-figure]")) figure.textContent = state[figure.dataset.figure];
  const alone = console_.querySelector("[data-alone]");
  alone.textContent = state.alone;
  alone.hidden = !state.alone;
  console_.querySelector("[data-over]").hidden = !state.over;
  console_.querySelector("[data-unless-over]").hidden = state.over;
  console_.querySelector("[data-recording]").textContent = state.recording;
  console_.querySelector("[data-source]").replaceChildren(
    ...state.source.map((line) => Object.assign(document.createElement("li"), { textContent: line })),
  );
  for (const button of console_.querySelectorAll("[data-turn]")) {
    button.toggleAttribute("data-on", button.dataset.turn === state.air);
  }
  if (state.air && !hls && !trying) watch();
  if (!state.air && hls) stop();
}

/** The preview is the light rung, without sound. */
async function watch() {
  trying = true;
  await import(preview.dataset.library);
  const { Hls } = globalThis;
  const there = await fetch(preview.dataset.preview).catch(() => null);
  if (there?.ok && Hls.isSupported()) {
    hls = new Hls({ workerPath: preview.dataset.worker, lowLatencyMode: true, capLevelToPlayerSize: true, backBufferLength: 5 });
    hls.on(Hls.Events.ERROR, (_name, error) => error.fatal && stop());
    hls.attachMedia(preview.querySelector("video"));
    hls.loadSource(there.url);
    preview.querySelector("video").play().catch(() => {});
  }
  trying = false;
}

function stop() {
  hls?.destroy();
  hls = null;
}

look();
