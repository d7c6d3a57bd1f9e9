/**
 * The hall: how far each booth is from one's own municipality, what one keeps, and how many are chosen to compare.
 * All of it is reckoned and remembered on this device; nothing of it is sent anywhere.
 */

import { count, words } from "../words.js";
import { say } from "../base.js";

const hall = document.getElementById("hall");
const near = document.getElementById("near");
const HOME = "home";
const KEPT = hall ? `kept:${hall.dataset.event}` : "";
/** The mean radius of the earth in kilometres (IUGG). */
const EARTH_KM = 6371;

function remember(key, value) {
  try {
    localStorage.setItem(key, value);
  } catch {
    /* full or forbidden: it holds until the page is left */
  }
}

function remembered(key) {
  try {
    return localStorage.getItem(key) ?? "";
  } catch {
    return "";
  }
}

/* -- how far ------------------------------------------------------------------------------------------------ */

/** Kilometres along the great circle between two [latitude, longitude] in degrees (the haversine formula). */
function apart([lat1, lon1], [lat2, lon2]) {
  const rad = Math.PI / 180;
  const a = Math.sin(((lat2 - lat1) * rad) / 2) ** 2 + Math.cos(lat1 * rad) * Math.cos(lat2 * rad) * Math.sin(((lon2 - lon1) * rad) / 2) ** 2;
  return 2 * EARTH_KM * Math.asin(Math.sqrt(a));
}

/** To the accuracy a straight line between two centres has: whole kilometres near, tens far. */
function rounded(km) {
  return km < 20 ? Math.round(km) : km < 100 ? Math.round(km / 5) * 5 : Math.round(km / 10) * 10;
}

let places;

async function towns() {
  places ??= fetch(near.dataset.from).then((answer) => (answer.ok ? answer.json() : {}), () => ({}));
  return places;
}

function named(all, text) {
  const wish = text.trim().toLocaleLowerCase("fi");
  return Object.keys(all).find((name) => name.toLocaleLowerCase("fi") === wish);
}

function tell(spot, km) {
  let line = spot.querySelector("[data-away]");
  if (km === null) {
    line?.remove();
    return;
  }
  if (!line) {
    const list = spot.querySelector(".facts");
    line = document.createElement(list ? "li" : "small");
    line.dataset.away = "";
    (list ?? spot).append(line);
  }
  line.textContent = km < 1 ? near.dataset.here : words(near, "away", { km: rounded(km) });
}

async function reckon() {
  const home = document.getElementById("home");
  const all = await towns();
  const from = all[named(all, home.value) ?? ""];
  home.setCustomValidity("");
  if (home.value.trim() && !from && Object.keys(all).length) home.setCustomValidity(near.dataset.unknown);
  for (const spot of hall.querySelectorAll("[data-place]")) {
    const to = all[spot.dataset.place];
    const km = from && to ? apart(from, to) : null;
    spot.dataset.km = km ?? "";
    tell(spot, km);
  }
  if (from) remember(HOME, home.value.trim());
  else if (!home.value.trim()) remember(HOME, "");
  arrange();
}

function arrange() {
  const nearest = document.getElementById("nearest");
  const cards = [...hall.querySelectorAll(":scope > .card")];
  cards.forEach((card, index) => (card.dataset.order ??= index));
  const first = nearest?.getAttribute("aria-pressed") === "true";
  const key = (card) => (first && card.dataset.km ? Number(card.dataset.km) : first ? Infinity : 0);
  cards.sort((a, b) => key(a) - key(b) || a.dataset.order - b.dataset.order);
  hall.append(...cards);
}

async function fillTowns() {
  const list = document.getElementById("municipalities");
  if (list.childElementCount) return;
  const names = Object.keys(await towns()).sort((a, b) => a.localeCompare(b, "fi"));
  list.append(...names.map((name) => Object.assign(document.createElement("option"), { value: name })));
}

/* -- what is kept ------------------------------------------------------------------------------------------- */

const kept = new Set(remembered(KEPT).split(" ").filter(Boolean));

function showKept() {
  const only = document.getElementById("kept");
  const buttons = [...hall.querySelectorAll("[data-keep]")];
  for (const button of buttons) {
    button.hidden = false;
    button.setAttribute("aria-pressed", String(kept.has(button.dataset.keep)));
  }
  if (!only) return;
  only.hidden = !buttons.length;
  only.querySelector("[data-count]").textContent = String(buttons.filter((one) => kept.has(one.dataset.keep)).length);
  const pressed = only.getAttribute("aria-pressed") === "true";
  for (const card of hall.querySelectorAll("[data-booth]")) card.hidden = pressed && !kept.has(card.dataset.booth);
}

function keep(slug) {
  if (!kept.delete(slug)) kept.add(slug);
  remember(KEPT, [...kept].join(" "));
  showKept();
}

/* -- what is compared --------------------------------------------------------------------------------------- */

function countChosen() {
  const form = document.getElementById("compare");
  if (!form) return;
  const boxes = [...document.querySelectorAll('input[name="compare"]')];
  const chosen = boxes.filter((box) => box.checked).length;
  form.classList.toggle("some", chosen > 0);
  for (const box of boxes) box.disabled = !box.checked && chosen >= 4;
  const told = form.querySelector("[data-told]");
  told.dataset.none ??= told.textContent;
  told.textContent = chosen ? count(form, "chosen", chosen) : told.dataset.none;
}

if (hall && near) {
  near.hidden = false;
  const home = document.getElementById("home");
  home.value = remembered(HOME);
  home.addEventListener("focus", fillTowns);
  home.addEventListener("change", async () => {
    await reckon();
    home.reportValidity();
  });
  document.getElementById("nearest").hidden = hall.tagName === "TABLE";
  document.getElementById("nearest").addEventListener("click", (event) => {
    const pressed = event.currentTarget.getAttribute("aria-pressed") !== "true";
    event.currentTarget.setAttribute("aria-pressed", String(pressed));
    if (pressed && !home.value.trim()) home.focus();
    arrange();
  });
  document.getElementById("kept").addEventListener("click", (event) => {
    const pressed = event.currentTarget.getAttribute("aria-pressed") !== "true";
    if (pressed && !kept.size) {
      say(event.currentTarget.dataset.none);
      return;
    }
    event.currentTarget.setAttribute("aria-pressed", String(pressed));
    showKept();
  });
  hall.addEventListener("click", (event) => {
    const button = event.target.closest("[data-keep]");
    if (button) keep(button.dataset.keep);
  });
  hall.addEventListener("change", countChosen);
  showKept();
  countChosen();
  if (home.value) reckon();
}
