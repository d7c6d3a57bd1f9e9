/**
 * A booth's texts are kept on this device from the first letter typed until the server shows them back as its own, so
 * that a reload, a closed tab or a dead line loses nothing. What somebody else saved meanwhile stays where it was not
 * touched here. Without this file the form is a form.
 */

/** Days after which a forgotten draft is dropped. */
const KEPT_DAYS = 30;

const form = document.getElementById("booth-form");
const note = form.querySelector("[data-draft]");
const said = note.querySelector("span");
const key = `miitti.booth.${form.getAttribute("action")}`;

const fields = () => [...form.elements].filter((field) => field.name && field.type !== "hidden" && field.type !== "submit");
const typed = () => Object.fromEntries(fields().map((field) => [field.name, field.value]));
const differ = (one, other) => Object.keys(one).filter((name) => one[name] !== other[name]);

function read() {
  try {
    const found = JSON.parse(localStorage.getItem(key) ?? "null");
    if (found && Date.now() - found.at < KEPT_DAYS * 86400000) return found;
  } catch {
    /* written by an older page, or storage is forbidden: there is no draft */
  }
  return null;
}

function write(draft) {
  try {
    if (draft === null) localStorage.removeItem(key);
    else localStorage.setItem(key, JSON.stringify({ ...draft, at: Date.now() }));
  } catch {
    return false; // storage is full or forbidden: nothing is promised
  }
  return true;
}

function tell(words) {
  note.hidden = words === "";
  if (said.textContent !== words) said.textContent = words;
}

const refused = form.querySelector("[data-summary]") !== null;
const found = read();
/** What the server has; a page that came back with errors shows what was typed instead. */
const base = refused && found ? found.base : typed();

function bringBack() {
  if (!found || refused) return;
  const here = typed();
  const mine = differ(found.values, found.base).filter((name) => name in here && found.values[name] !== here[name]);
  if (mine.length === 0) {
    write(null); // it has been saved
    return;
  }
  const others = mine.filter((name) => here[name] !== found.base[name]);
  for (const name of mine) {
    const field = form.elements[name];
    field.value = found.values[name];
    const folded = field.closest("details");
    if (folded) folded.open = true;
  }
  tell(others.length ? note.dataset.met : note.dataset.back);
}

function keep() {
  const values = typed();
  if (differ(values, base).length === 0) {
    write(null);
    tell("");
  } else {
    tell(write({ base, values }) ? note.dataset.kept : "");
  }
}

bringBack();
form.addEventListener("input", keep);
note.querySelector("button").addEventListener("click", () => {
  write(null);
  for (const field of fields()) field.value = base[field.name] ?? "";
  tell("");
  fields()[0].focus();
});

/* A page sent on a dead line would be replaced by the browser's own words, so the line is tried first. */
let tried = false;
form.addEventListener("submit", async (event) => {
  if (tried) return;
  event.preventDefault();
  const pressed = event.submitter;
  try {
    await fetch(form.getAttribute("action"), { method: "HEAD", cache: "no-store" });
  } catch {
    tell(note.dataset.away);
    return;
  }
  tried = true;
  form.requestSubmit(pressed ?? undefined);
  setTimeout(() => (tried = false), 0);
});
