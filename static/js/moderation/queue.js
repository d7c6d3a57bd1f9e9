/**
 * The moderators' queue, live: everything in it comes from the moderators' stream. Without this file the same
 * buttons are plain forms.
 */

import { say } from "../base.js";
import { copy, count, words } from "../words.js";
import { Channel } from "../questions/client.js";

const LOG_MS = 8000;
const UNDO_MS = 10000;
const LISTS = {
  pending: (question) => question.state === "pending",
  live: (question) => question.state === "live",
  answered: (question) => question.state === "answered",
  rest: (question) => question.state === "rejected" || question.state === "archived",
};
const ACTS = {
  pending: [["approve", "approve", ""], ["reject", "reject", "ghost"]],
  live: [["now", "now", ""], ["answered", "answered", "ghost"], ["reject", "takeOff", "ghost"]],
  answered: [["restore", "restore", "ghost"], ["archive", "archive", "ghost"]],
  rejected: [["restore", "bringBack", "ghost"]],
  archived: [["restore", "bringBack", "ghost"]],
};
/* What takes a press back: the question has one state fewer or more, so not everything can be. */
const UNDO = { reject: "restore", answered: "restore", archive: "restore", now: "answered" };

class Queue {
  constructor(root) {
    this.root = root;
    this.booths = JSON.parse(root.dataset.booths || "{}");
    this.log = root.querySelector('[role="log"]');
    this.line = root.querySelector(".line-down");
    this.shown = new Set(); /* questions whose hidden numbers were looked at */
    this.seen = null;
    this.fresh = 0;
    const { event, ch, state } = root.dataset;
    this.channel = new Channel({ event, ch, view: "mod", state });
    this.channel.addEventListener("change", () => this.soon());
    this.channel.addEventListener("line", ({ detail }) => this.onLine(detail.up));
    this.channel.addEventListener("refused", () => location.reload());
    this.dock("undo").addEventListener("click", () => this.undo());
    setInterval(() => this.tellLog(), LOG_MS);
    setInterval(() => this.soon(), 30000); /* the minutes waited */
    this.channel.start();
  }

  dock(name) {
    return this.root.querySelector(`[data-dock="${name}"]`);
  }

  async act(question, op, args = {}) {
    const answer = await this.channel.moderate(question, op, args);
    if (!answer) return say(words(this.root, "offline"));
    if (!answer.ok) {
      say(answer.error.code === "conflict" ? words(this.root, "conflict") : answer.error.message || words(this.root, "broken"));
      return;
    }
    /* what the acknowledgement brings is what the stream brings a moment later */
    const known = this.channel.questions.get(answer.q.id);
    if (!known || known.rev < answer.q.rev) this.channel.questions.set(answer.q.id, answer.q);
    this.offerUndo(answer.q.id, op);
    this.soon();
    return true;
  }

  offerUndo(id, op) {
    clearTimeout(this.undoTimer);
    this.last = UNDO[op] ? { id, op: UNDO[op] } : null;
    this.dock("undo").hidden = !this.last;
    if (this.last) {
      this.undoTimer = setTimeout(() => {
        this.last = null;
        this.dock("undo").hidden = true;
      }, UNDO_MS);
    }
  }

  async undo() {
    const last = this.last;
    const question = last && this.channel.questions.get(last.id);
    if (question && (await this.act(question, last.op))) say(words(this.root, "undone"));
    this.offerUndo(null, null);
  }

  onLine(up) {
    clearTimeout(this.downTimer);
    if (up) this.line.hidden = true;
    else
      this.downTimer = setTimeout(() => {
        this.line.textContent = words(this.root, "offline");
        this.line.hidden = false;
      }, 2000);
  }

  soon() {
    if (this.waiting) return;
    this.waiting = true;
    requestAnimationFrame(() => {
      this.waiting = false;
      if (this.channel.ready) this.draw();
    });
  }

  draw() {
    const all = [...this.channel.questions.values()];
    const time = (a, b) => (a.asked_at < b.asked_at ? -1 : 1);
    for (const [name, belongs] of Object.entries(LISTS)) {
      const wanted = all.filter(belongs).sort(name === "live" ? (a, b) => b.up - a.up || time(a, b) : time);
      if (name === "answered" || name === "rest") wanted.reverse();
      this.fillList(name, wanted);
      if (name === "live") this.next = wanted[0];
      if (name === "pending") this.count(wanted);
    }
    const now = all.find((question) => question.state === "answering");
    this.fillDock(now, this.next);
    const chip = document.getElementById("queue-open");
    const { open } = this.channel.channel;
    chip.textContent = chip.dataset[open ? "open" : "closed"];
    chip.className = `chip ${open ? "live" : "note"}`;
  }

  fillList(name, wanted) {
    const list = this.root.querySelector(`[data-list="${name}"]`);
    const items = new Map([...list.children].map((item) => [item.dataset.id, item]));
    for (const [id, item] of items) {
      if (!wanted.some((question) => question.id === id)) item.remove();
    }
    wanted.forEach((question, at) => {
      let item = items.get(question.id);
      const version = `${question.rev}`;
      if (!item || item.dataset.rev !== version) {
        const made = this.make(question);
        if (item?.contains(document.activeElement) && item.querySelector("textarea")?.value) return; /* somebody writes here */
        if (item) item.replaceWith(made);
        item = made;
        item.dataset.rev = version;
      }
      this.fill(item, question);
      /* nothing moves under a finger or a focus */
      if (list.children[at] !== item && !list.contains(document.activeElement)) list.insertBefore(item, list.children[at] ?? null);
      else if (!item.isConnected) list.append(item);
    });
    this.root.querySelector(`[data-count="${name}"]`).textContent = String(wanted.length);
    const empty = this.root.querySelector(`[data-empty="${name}"]`);
    if (empty) empty.hidden = wanted.length > 0;
  }

  make(question) {
    const item = copy("queue-item");
    item.dataset.id = question.id;
    item.id = `q-${question.id}`;
    item.classList.toggle("warn", question.flags.length > 0 && question.state === "pending");
    const row = item.querySelector(".row");
    for (const [op, name, kind] of ACTS[question.state] ?? []) {
      const button = copy("queue-act");
      button.textContent = words(this.root, name);
      if (kind) button.classList.add(kind);
      button.addEventListener("click", () => this.press(button, () => this.act(this.channel.questions.get(question.id), op)));
      row.append(button);
    }
    if (question.masked && !question.no) {
      const show = copy("queue-act");
      show.textContent = words(this.root, "show");
      show.classList.add("plain");
      show.addEventListener("click", () => {
        this.shown.add(question.id);
        show.remove();
        this.soon();
      });
      row.append(show);
    }
    if (["live", "answered"].includes(question.state)) item.append(this.writing(question));
    for (const reply of question.replies) {
      const answer = copy("answer");
      answer.querySelector("b").textContent = reply.by || words(this.root, "hosts");
      answer.querySelector("span").textContent = reply.body;
      row.before(answer);
    }
    return item;
  }

  writing(question) {
    const box = copy("queue-writing");
    const form = box.querySelector("form");
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const body = form.querySelector("textarea").value.trim();
      const button = form.querySelector("button");
      if (!body) return;
      await this.press(button, async () => {
        if (await this.act(this.channel.questions.get(question.id), "reply", { body })) form.reset();
      });
    });
    return box;
  }

  /** A button that works is busy meanwhile, so that a second press is not a second command. */
  async press(button, work) {
    if (button.getAttribute("aria-busy") === "true") return;
    button.setAttribute("aria-busy", "true");
    try {
      await work();
    } finally {
      button.removeAttribute("aria-busy");
    }
  }

  fill(item, question) {
    const minutes = Math.floor((Date.now() - Date.parse(question.asked_at)) / 60000);
    const hidden = question.masked && !question.no;
    const flag = question.flags[0];
    const parts = [
      question.no ? words(this.root, "number", { no: question.no }) : words(this.root, "new"),
      this.booths[question.to] ?? words(this.root, "everybody"),
      question.name,
      hidden && flag ? words(this.root, `flag${flag[0].toUpperCase()}${flag.slice(1)}`) : "",
      question.up ? count(this.root, "votes", question.up) : "",
      question.state === "pending" ? (minutes < 1 ? words(this.root, "justNow") : words(this.root, "minutes", { num: minutes })) : "",
    ];
    const small = item.querySelector("small");
    const text = parts.filter(Boolean).join(" · ");
    if (small.textContent !== text) small.textContent = text;
    const body = hidden && !this.shown.has(question.id) ? question.masked : question.body;
    const paragraph = item.querySelector("p");
    if (paragraph.textContent !== body) paragraph.textContent = body;
  }

  fillDock(now, next) {
    this.dock("now").textContent = now ? words(this.root, "nowIs", now) : words(this.root, "nobody");
    this.dock("next").textContent = next ? words(this.root, "nextIs", next) : words(this.root, "noNext");
    this.dockButton("go", "queue-go", next, "now");
    this.dockButton("end", "queue-end", now, "answered");
  }

  /** A dock's button stays the same element while it means the same question, so a focus on it stays too. */
  dockButton(name, shape, question, op) {
    const place = this.dock(name);
    const wanted = question ? question.id : "";
    if (place.dataset.id === wanted) return;
    place.dataset.id = wanted;
    const had = place.contains(document.activeElement);
    place.replaceChildren();
    if (!question) return;
    const button = copy(shape);
    button.addEventListener("click", () => this.press(button, () => this.act(this.channel.questions.get(question.id), op)));
    place.append(button);
    if (had) button.focus({ preventScroll: true });
  }

  count(pending) {
    if (this.seen === null) this.seen = new Set(pending.map((question) => question.id));
    for (const question of pending) {
      if (!this.seen.has(question.id)) this.fresh += 1;
      this.seen.add(question.id);
    }
  }

  tellLog() {
    if (!this.fresh) return;
    this.log.textContent = count(this.root, "came", this.fresh);
    this.fresh = 0;
  }
}

for (const root of document.querySelectorAll("[data-queue]")) new Queue(root);
