/**
 * What the host has to say to everybody: heard on the page's one connection for live questions, asked for again when
 * that connection comes back, and looked for now and then by a page that has none yet.
 */
import { connection } from "../questions/client.js";

const box = document.getElementById("notice");
/** Milliseconds between two looks of a page without live questions, each at its own moment. */
const LOOK = 60_000;
/** A hall that comes back together after a break does not ask in one second. */
const SPREAD = 3000;
let newest = box.dataset.at;
let connected = false;

/** Show the text unless something newer is shown; times of one form compare as text. */
function show({ text, at }) {
  if (!at || at <= newest) return;
  newest = at;
  const line = Object.assign(document.createElement("p"), { textContent: text });
  box.replaceChildren(...(text ? [line] : []));
}

async function look() {
  try {
    const answer = await fetch(box.dataset.from, { headers: { Accept: "application/json" } });
    if (answer.ok) show(await answer.json());
  } catch {
    /* offline: the next look will tell */
  }
}

function wait() {
  setTimeout(async () => {
    await look();
    wait();
  }, LOOK * (0.7 + Math.random() * 0.6));
}

if (document.querySelector("[data-qa]")) {
  const line = connection(box.dataset.event);
  line.on("notice", show);
  line.on("connect", () => {
    // the page is as old as its own loading: only a later connection can have missed much, the first a moment
    setTimeout(look, Math.random() * (connected ? SPREAD : 500));
    connected = true;
  });
} else wait();
