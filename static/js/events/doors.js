/**
 * Watches the doors of an event while its page is open: keeps the countdown true, and when the doors move
 * (teaser, live, over) offers the new page. A waiting teaser turns live by itself, unless something is typed.
 *
 * Asks the server at the start and the end, every twenty seconds around them, else every five minutes; each page
 * at its own moment, so that two thousand waiting phones don't come at once.
 */

const box = document.getElementById("doors");
const counter = document.querySelector("[data-countdown]");

/** Milliseconds until the next look: right after the start or the end when it is near, else now and then. */
function pause() {
  const away = [box.dataset.starts, box.dataset.ends].map((at) => Date.parse(at) - Date.now());
  const near = Math.min(...away.map(Math.abs)) < 10 * 60_000;
  const usual = (near ? 20_000 : 300_000) * (0.7 + Math.random() * 0.6);
  const edges = away.filter((left) => left > 0).map((left) => left + 500 + Math.random() * 4000);
  return Math.min(usual, ...edges);
}

function typed() {
  return [...document.querySelectorAll("main input:not([type=hidden]), main textarea")].some((field) => field.value !== field.defaultValue);
}

function offer(doors) {
  if (doors === "live" && box.dataset.doors === "open" && !typed()) {
    setTimeout(() => location.reload(), Math.random() * 3000);
    return;
  }
  const words = document.createElement("span");
  words.textContent = box.dataset[{ live: "toLive", over: "toOver" }[doors] ?? "toOpen"];
  const link = document.createElement("a");
  link.className = "button small";
  link.href = location.pathname;
  link.textContent = box.dataset.action;
  box.hidden = false;
  box.replaceChildren(words, link);
}

async function look() {
  try {
    const answer = await fetch(box.dataset.from, { headers: { Accept: "application/json" } });
    if (answer.ok) {
      const { doors } = await answer.json();
      if (doors !== box.dataset.doors) {
        offer(doors);
        return;
      }
    }
  } catch {
    /* offline: the next look will tell */
  }
  setTimeout(look, pause());
}

/** The countdown's words come from the server once more when they may have changed: each minute near the start. */
async function recount() {
  if (document.visibilityState === "visible") {
    try {
      const answer = await fetch(box.dataset.from, { headers: { Accept: "application/json" } });
      if (answer.ok) counter.textContent = (await answer.json()).starts_in || counter.textContent;
    } catch {
      /* the old words stay */
    }
  }
  const left = Date.parse(counter.dataset.countdown) - Date.now();
  if (left > 0) setTimeout(recount, left < 2 * 3_600_000 ? 60_000 : 1_800_000);
}

if (box) setTimeout(look, pause());
if (box && counter) setTimeout(recount, 60_000);
