/**
 * On every page: lead the reader to what is wrong in a form, keep what was typed, and say things aloud.
 * Everything works without this file; it only spares people trouble.
 */

const KEEP = "keep:";
const SENT = "sent";
const SKIPPED = new Set(["hidden", "password", "file", "submit", "button"]);
let silence;

/** Say `text` in the page's toast (a status region, so screen readers hear it) for `seconds`. */
export function say(text, seconds = 6) {
  const toast = document.getElementById("toast");
  if (!toast) return;
  clearTimeout(silence);
  toast.classList.toggle("high", document.querySelector(".ask") !== null && !matchMedia("(min-width: 1000px)").matches);
  toast.textContent = text;
  silence = setTimeout(() => (toast.textContent = ""), seconds * 1000);
}

/** The token every changing request carries in its X-CSRFToken header. */
export function token() {
  return document.querySelector('meta[name="csrf-token"]')?.content ?? "";
}

function shelve(key, text) {
  try {
    if (text === null) sessionStorage.removeItem(key);
    else sessionStorage.setItem(key, text);
  } catch {
    /* storage is full or forbidden: everything else goes on as before */
  }
}

function take(key) {
  try {
    return sessionStorage.getItem(key);
  } catch {
    return null;
  }
}

function shelf(form) {
  return KEEP + (form.dataset.keep || form.id);
}

function fields(form) {
  return [...form.elements].filter((field) => field.name && field.name !== "csrf_token" && !SKIPPED.has(field.type));
}

function ticked(field) {
  return field.type === "checkbox" || field.type === "radio";
}

/** Write down what stands in the form. The tab forgets it when it is closed; nothing leaves the browser. */
export function keep(form) {
  const kept = {};
  for (const field of fields(form)) {
    if (field.type === "radio") {
      if (field.checked) kept[field.name] = field.value;
    } else {
      kept[field.name] = ticked(field) ? field.checked : field.value;
    }
  }
  shelve(shelf(form), JSON.stringify(kept));
}

/** Forget what was kept: call it when the server has said that it has the form's content. */
export function forget(form) {
  shelve(shelf(form), null);
}

function bringBack(form) {
  let kept = null;
  try {
    kept = JSON.parse(take(shelf(form)) ?? "null");
  } catch {
    /* written by an older page: leave it */
  }
  if (!kept) return;
  for (const field of fields(form)) {
    if (!(field.name in kept)) continue;
    if (field.type === "radio") field.checked = kept[field.name] === field.value;
    else if (ticked(field)) field.checked = kept[field.name] === true;
    else if (field.value === "") field.value = kept[field.name];
  }
}

/* What was sent may be forgotten, unless this page says that it did not get through: an error page, a form with
   errors, or a way back or again to the page where it was typed. */
const sent = take(SENT);
if (sent) {
  shelve(SENT, null);
  const arrival = performance.getEntriesByType("navigation")[0]?.type ?? "navigate";
  const failed = document.querySelector("[data-failed], [data-summary], .field.wrong, .check.wrong");
  if (arrival === "navigate" && !failed) shelve(sent, null);
}
for (const element of document.querySelectorAll("[data-kept]")) {
  for (const name of element.dataset.kept.split(/\s+/).filter(Boolean)) shelve(KEEP + name, null);
}

for (const form of document.querySelectorAll("form[data-keep]")) {
  bringBack(form);
  form.addEventListener("input", () => keep(form));
}

document.querySelector("[data-summary]")?.focus();

/* A link in the summary leads into the field itself, also when the field is a group of choices. */
document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-summary] a[href^='#']");
  if (!link) return;
  const field = document.getElementById(decodeURIComponent(link.hash.slice(1)));
  const inner = field?.matches("input, select, textarea") ? field : field?.querySelector("input, select, textarea");
  if (!inner) return;
  event.preventDefault();
  inner.scrollIntoView({ block: "center" });
  inner.focus({ preventScroll: true });
});

/* A form sent twice by an impatient thumb is sent once. Forms handled by their own script have called
   preventDefault by the time the timer runs, and are none of our business. */
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  setTimeout(() => {
    if (event.defaultPrevented) return;
    if (form.dataset.keep) shelve(SENT, shelf(form));
    form.dataset.sent = "1";
    event.submitter?.setAttribute("aria-busy", "true");
    setTimeout(() => release(form), 8000); // the line may be gone: let it be tried again
  });
});

function release(form) {
  delete form.dataset.sent;
  form.querySelector("[aria-busy]")?.removeAttribute("aria-busy");
}

window.addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach(release));
