/**
 * The queue's shortcut keys. They work only while the focus is inside the lists and never in a field, and can be
 * turned off (WCAG 2.2, 2.1.4).
 */

const OFF = "queue:no-keys";

export class Keys {
  /** `queue` has root, search, undo() and onMore(fold). */
  constructor(queue) {
    this.queue = queue;
    this.root = queue.root;
    this.box = this.root.querySelector("[data-keys]");
    this.box.closest("label").hidden = false;
    this.box.checked = !remembered();
    this.box.addEventListener("change", () => remember(!this.box.checked));
    this.root.addEventListener("keydown", (event) => this.onKey(event));
  }

  cards() {
    return [...this.root.querySelectorAll("[data-list] > .q")].filter((item) => item.checkVisibility());
  }

  onKey(event) {
    if (!this.box.checked || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.target.closest("input, textarea, select")) return;
    const card = event.target.closest("[data-list] > .q");
    if (!card) return;
    const press = (op) => card.querySelector(`:scope > .row button[name="op"][value="${op}"]`)?.click();
    const does = {
      j: () => this.step(card, 1),
      k: () => this.step(card, -1),
      a: () => press("approve"),
      r: () => press("reject"),
      n: () => press("now"),
      u: () => this.queue.undo(),
      "/": () => {
        this.queue.search.parentElement.hidden = false;
        this.queue.search.focus();
      },
      "?": () => this.help(),
      Enter: () => this.more(card),
    }[event.key];
    /* on a button Enter presses the button */
    if (!does || (event.key === "Enter" && event.target !== card)) return;
    event.preventDefault();
    does();
  }

  step(card, by) {
    const cards = this.cards();
    cards[cards.indexOf(card) + by]?.focus();
  }

  more(card) {
    const fold = card.querySelector(".more");
    fold.open = !fold.open;
    if (!fold.open) return;
    this.queue.onMore(fold);
    fold.querySelector("textarea, select, input:not([type=hidden]), .acts button")?.focus();
  }

  help() {
    const fold = this.box.closest("details");
    fold.open = true;
    this.box.focus();
  }
}

function remembered() {
  try {
    return localStorage.getItem(OFF) === "1";
  } catch {
    return false;
  }
}

function remember(off) {
  try {
    if (off) localStorage.setItem(OFF, "1");
    else localStorage.removeItem(OFF);
  } catch {
    /* not remembered, still so on this page */
  }
}
