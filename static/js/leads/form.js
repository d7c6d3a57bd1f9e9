/**
 * The applicant's form: remembers name and contacts on the device if wished, looks at the file's size before it
 * travels, and keeps the whole form on the device while there is no line. Without this file the form is a form.
 *
 * What is kept lies in IndexedDB (a CV is a file) until the server has said that it has it; the same `form_key`
 * goes with every try, so that it is one lead however often it is sent.
 */

import { forget, say, token } from "../base.js";
import { words } from "../words.js";

const ME = "lead:me";
const MINE = ["name", "phone", "email"];
const AGAIN_MS = 15000;
const form = document.getElementById("lead");

/* -- remembered on the device ------------------------------------------------------------------------------ */

function read(key) {
  try {
    return JSON.parse(localStorage.getItem(key) ?? "null");
  } catch {
    return null;
  }
}

function write(key, value) {
  try {
    if (value === null) localStorage.removeItem(key);
    else localStorage.setItem(key, JSON.stringify(value));
  } catch {
    /* storage is full or forbidden: nothing is remembered, nothing else changes */
  }
}

function remember() {
  const box = form.querySelector("#lead-remember");
  const known = read(ME);
  box.closest("[data-remember]").hidden = false;
  box.checked = known !== null;
  for (const name of MINE) if (known?.[name] && form.elements[name].value === "") form.elements[name].value = known[name];
  const keep = () => write(ME, box.checked ? Object.fromEntries(MINE.map((name) => [name, form.elements[name].value])) : null);
  box.addEventListener("change", keep);
  form.addEventListener("submit", keep);
}

/* -- kept while there is no line --------------------------------------------------------------------------- */

function shelf() {
  return new Promise((done, failed) => {
    const asked = indexedDB.open("miitti-leads", 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore("kept", { keyPath: "key" });
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => failed(asked.error);
  });
}

async function store(mode, act) {
  const open = await shelf();
  try {
    return await new Promise((done, failed) => {
      const change = open.transaction("kept", mode);
      const asked = act(change.objectStore("kept"));
      change.oncomplete = () => done(asked?.result);
      change.onerror = () => failed(change.error);
    });
  } finally {
    open.close();
  }
}

function post(action, fields) {
  const body = new FormData();
  for (const [name, value] of fields) body.append(name, value);
  body.set("csrf_token", token());
  return fetch(action, { method: "POST", body, headers: { Accept: "application/json", "X-CSRFToken": token() } });
}

function line(text, address = "") {
  const said = form.querySelector(".lead-line");
  said.replaceChildren(text);
  if (address) {
    const link = document.createElement("a");
    link.href = address;
    link.textContent = form.dataset.lineReceipt;
    said.append(" ", link);
  }
  said.hidden = false;
}

async function keep(fields) {
  const company = form.dataset.company;
  await store("readwrite", (kept) => kept.put({ key: form.elements.form_key.value, action: form.action, fields, company }));
  forget(form);
  line(words(form, "lineKept", { company }));
  form.setAttribute("data-waiting", "");
  setTimeout(bring, AGAIN_MS);
}

/** Send everything that is kept; one page does it at a time. */
async function bring() {
  const work = async () => {
    for (const one of (await store("readonly", (kept) => kept.getAll())) ?? []) {
      const answer = await post(one.action, one.fields);
      if (answer.status === 429 || answer.status >= 500) break; // later
      const said = await answer.json().catch(() => ({}));
      await store("readwrite", (kept) => kept.delete(one.key));
      const text = words(form, answer.ok ? "lineSent" : "lineRefused", { company: one.company });
      form.removeAttribute("data-waiting");
      line(text, said.receipt ?? "");
      say(text);
    }
  };
  try {
    if (navigator.locks) await navigator.locks.request("miitti-leads", { ifAvailable: true }, (lock) => (lock ? work() : null));
    else await work();
  } catch {
    setTimeout(bring, AGAIN_MS); // still no line
  }
}

/* -- sending ------------------------------------------------------------------------------------------------ */

let sending = false;

async function send(event) {
  event.preventDefault();
  if (sending) return;
  const file = form.elements.cv.files[0];
  const fields = [...new FormData(form)].filter(([, value]) => !(value instanceof File) || value.size > 0);
  if (file && file.size > Number(form.dataset.mostBytes)) {
    line(form.dataset.lineLarge);
    form.elements.cv.focus();
    return;
  }
  sending = true;
  event.submitter?.setAttribute("aria-busy", "true");
  try {
    const answer = await post(form.action, fields);
    const said = await answer.json().catch(() => ({}));
    if (answer.ok && said.receipt) {
      forget(form);
      location.assign(said.receipt);
      return;
    }
    form.submit(); // the server's own page says what is wrong, beside the fields
  } catch {
    await keep(fields).catch(() => form.submit());
  }
  sending = false;
  event.submitter?.removeAttribute("aria-busy");
}

if (form) {
  remember();
  form.addEventListener("submit", send);
  window.addEventListener("online", bring);
  window.addEventListener("pageshow", () => (sending = false));
  if (window.indexedDB) bring();
}

/* Beside the live picture the button opens the form in its place, so that the broadcast goes on. */
const fold = document.querySelector("details.lead-stage");
document.querySelector('.show > .now > a[href*="from=stage"]')?.addEventListener("click", (event) => {
  if (!fold || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  fold.open = true;
  fold.querySelector("input:not([type=hidden])")?.focus();
});
