/** Projector and overlay: what is being answered and what comes next, from the public stream. Text only, never markup. */

import { count, words } from "../words.js";
import { Channel } from "../questions/client.js";
import { upNext } from "./next.js";

const LONG = 160; /* letters from which on smaller ones are used */

function show(root, channel) {
  const all = [...channel.questions.values()];
  const now = all.find((question) => question.state === "answering");
  const next = upNext(all);
  const part = (name) => root.querySelector(`[data-${name}]`);
  const asked = root.querySelector(".asked");
  if ("only" in asked.dataset) asked.hidden = !now;
  part("no").textContent = now ? words(root, "number", { no: now.no }) : "";
  part("body").textContent = now ? now.body : "only" in asked.dataset ? "" : words(root, "nothing");
  part("body").classList.toggle("long", Boolean(now) && now.body.length > LONG);
  const line = root.querySelector(".next");
  if (line) {
    line.textContent = next ? words(root, "next", { body: next.body }) : "";
    line.hidden = !next;
  }
  const waiting = root.querySelector("[data-waiting]");
  if (waiting) {
    const live = all.filter((question) => question.state === "live").length;
    waiting.textContent = count(root, "waiting", live);
    waiting.hidden = live === 0;
  }
}

for (const root of document.querySelectorAll("[data-screen]")) {
  const { event, ch, state } = root.dataset;
  const channel = new Channel({ event, ch, state });
  channel.addEventListener("change", () => channel.ready && show(root, channel));
  channel.start();
}
