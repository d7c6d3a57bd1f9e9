/**
 * On every page: lead the reader to what is wrong in a form, keep what was typed, and say things aloud.
 * Everything works without this file; it only spares people trouble.
 */

const KEEP = "keep:";
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
  try {
    sessionStorage.setItem(shelf(form), JSON.stringify(kept));
  } catch {
    /* storage is full or forbidden: typing goes on as before */
  }
}

/** Forget what was kept: call it when the server has said that it has the form's content. */
export function forget(form) {
  try {
    sessionStorage.removeItem(shelf(form));
  } catch {
    /* nothing was kept */
  }
}

function bringBack(form) {
  let kept;
  try {
    kept = JSON.parse(sessionStorage.getItem(shelf(form)) ?? "null");
  } catch {
    kept = null;
  }
  if (!kept) return;
  for (const field of fields(form)) {
    if (!(field.name in kept)) continue;
    if (field.type === "radio") field.checked = kept[field.name] === field.value;
    else if (ticked(field)) field.checked = kept[field.name] === true;
    else if (field.value === field.defaultValue || field.value === "") field.value = kept[field.name];
  }
}

for (const form of document.querySelectorAll("form[data-keep]")) {
  bringBack(form);
  form.addEventListener("input", () => keep(form));
}

/* A page that follows a sent form names what may be forgotten: <main ... data-kept="lead-form ask">. */
for (const element of document.querySelectorAll("[data-kept]")) {
  for (const name of element.dataset.kept.split(/\s+/).filter(Boolean)) {
    try {
      sessionStorage.removeItem(KEEP + name);
    } catch {
      /* nothing was kept */
    }
  }
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

/* A form sent twice by an impatient thumb is sent once. Forms handled by their own script call preventDefault. */
document.addEventListener("submit", (event) => {
  const form = event.target;
  queueMicrotask(() => {
    if (event.defaultPrevented) return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "1";
    event.submitter?.setAttribute("aria-busy", "true");
  });
  if (form.dataset.sent) event.preventDefault();
});

window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    form.querySelector("[aria-busy]")?.removeAttribute("aria-busy");
  }
});
