/**
 * The company's desk, live: when a lead comes or changes, the list is asked for again and put in place, unless
 * somebody is just typing in it; then a button says that there is something new.
 */

import { say } from "../base.js";

const csrf = document.querySelector('meta[name="csrf-token"]')?.content ?? "";
let waiting = 0;

function live() {
  return document.getElementById("leads-live");
}

/** Somebody works in the list: a field has been touched or holds the focus. */
function busy(root) {
  return root.contains(document.activeElement) && document.activeElement.matches("input, select, textarea, button")
    || root.querySelector("[data-touched]") !== null;
}

async function fresh() {
  waiting = 0;
  const answer = await fetch(location.pathname + location.search, { headers: { Accept: "text/html" } });
  if (!answer.ok || answer.redirected) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const next = page.getElementById("leads-live");
  if (!next) return;
  const open = [...live().querySelectorAll("li[id] details[open]")].map((one) => one.closest("li").id);
  live().replaceWith(document.adoptNode(next));
  for (const id of open) document.getElementById(id)?.querySelector("details")?.setAttribute("open", "");
  const side = page.querySelector("nav.side");
  if (side) document.querySelector("nav.side")?.replaceWith(document.adoptNode(side));
}

function stirred() {
  say(live().dataset.fresh);
  if (!busy(live())) {
    clearTimeout(waiting);
    waiting = setTimeout(() => fresh().catch(() => {}), 300); // several at once are one look
    return;
  }
  if (document.getElementById("leads-fresh")) return;
  const button = document.createElement("button");
  button.type = "button";
  button.id = "leads-fresh";
  button.className = "button sun";
  button.textContent = `${live().dataset.fresh} ${live().dataset.show}`;
  button.addEventListener("click", () => fresh().catch(() => {}));
  live().prepend(button);
}

document.addEventListener("input", (event) => {
  if (event.target.closest("#leads-live")) event.target.dataset.touched = "1";
});

async function listen() {
  const { io } = await import(live().dataset.socket);
  const socket = io("/desk", { transports: ["websocket", "polling"], tryAllTransports: true, auth: { v: 1, csrf } });
  let before = false;
  socket.on("connect", () => {
    socket.emit("watch_leads", {}, (answer) => {
      live()?.setAttribute("data-watching", String(answer.ok));
      if (before) stirred(); // what came while the line was away
      before = true;
    });
  });
  socket.on("lead", stirred);
}

if (live()) listen().catch(() => {});
