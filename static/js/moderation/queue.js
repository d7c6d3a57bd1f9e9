/**
 * The moderators' queue, live: everything in it comes from the moderators' stream, and every press goes over the same
 * connection. The cards are made of the page's own plain forms; without this file those are sent as they are.
 */

import { say } from "../base.js";
import { answers, camel, press, prune, set, showPresent, values, written } from "../questions/cards.js";
import { Channel, cid } from "../questions/client.js";
import { similar } from "../questions/similar.js";
import { copy, count, words } from "../words.js";
import { Keys } from "./keys.js";

const LOG_MS = 8000;
const UNDO_MS = 10000;
const MANY = 8; /* questions from which on one searches */
const OPEN = new Set(["pending", "live", "answering"]);
const LISTS = {
  pending: (question) => question.state === "pending",
  live: (question) => question.state === "live",
  answered: (question) => question.state === "answered",
  rest: (question) => ["rejected", "archived", "merged"].includes(question.state),
};
/* Moved questions are another channel's; what was joined is taken apart; the rest can be taken back for a moment. */
const UNDO = { merge: "unmerge", unmerge: null, move: null, undo: null };
const clock = new Intl.DateTimeFormat(document.documentElement.lang, { timeZone: "Europe/Helsinki", hour: "numeric", minute: "2-digit" });
const time = (a, b) => (a.asked_at < b.asked_at ? -1 : 1);
const next = (a, b) => Number(b.pinned) - Number(a.pinned) || b.up - a.up || time(a, b);

class Queue {
  constructor(root) {
    this.root = root;
    this.booths = JSON.parse(root.dataset.booths || "{}");
    this.log = root.querySelector('[role="log"]');
    this.line = root.querySelector(".line-down");
    this.search = root.querySelector("[data-search]");
    this.shown = new Set(); /* questions whose hidden numbers were looked at */
    this.seen = null;
    this.fresh = 0;
    const { event, ch, state } = root.dataset;
    this.channel = new Channel({ event, ch, view: "mod", state });
    this.channel.addEventListener("change", () => this.soon());
    this.channel.addEventListener("line", ({ detail }) => this.onLine(detail.up));
    this.channel.addEventListener("refused", () => location.reload());
    this.channel.addEventListener("present", ({ detail }) => showPresent(ch, detail.n));
    root.addEventListener("submit", (submit) => this.onSubmit(submit));
    root.addEventListener("focusout", () => this.soon());
    root.addEventListener("toggle", (toggle) => toggle.target.matches(".more") && this.onMore(toggle.target), true);
    this.dock("undo").addEventListener("click", () => this.undo());
    this.search.addEventListener("input", () => this.soon());
    this.keys = new Keys(this);
    setInterval(() => this.tellLog(), LOG_MS);
    setInterval(() => this.soon(), 30000); /* the minutes waited */
    this.channel.start();
  }

  dock(name) {
    return this.root.querySelector(`[data-dock="${name}"]`);
  }

  /* -- pressing ----------------------------------------------------------------------------------------- */

  onSubmit(submit) {
    const form = submit.target;
    const button = submit.submitter;
    if (form.matches("[data-chan]")) {
      submit.preventDefault();
      press(button, () => this.change(form, button));
      return;
    }
    const question = this.channel.questions.get(form.querySelector('[name="id"]')?.value);
    if (!question || form.closest("[data-given]")) return;
    submit.preventDefault();
    press(button, () => this.carryOut(question, form, button));
  }

  /** One press on one question; a text that was being written stays until it has arrived. */
  async carryOut(question, form, button) {
    const sent = values(form, button);
    if (sent.op === "mute") return this.mute(question, Number(sent.minutes));
    const args = this.args(question, sent);
    if (!args) return say(words(this.root, "noNumber"));
    /* words are saved over those that were there when the writing began; all else is about what is shown now */
    const overwrites = sent.op === "edit" || sent.op === "label";
    const rev = overwrites ? Number(form.closest(".q").dataset.rev) : question.rev;
    if (await this.act({ ...question, rev }, sent.op, args)) form.reset();
  }

  args(question, { op, reason, labels, into, to, move_ch: ch, body, reply, shift }) {
    if (op === "reject") return { reason: reason ?? null };
    if (op === "label") return { labels: labels.split(",").map((label) => label.trim()).filter(Boolean) };
    if (op === "move") return { to: to || null, ch };
    if (op === "edit" || op === "reply") return { body };
    if (op === "unreply") return { reply };
    if (op === "time") {
      const began = Date.parse(question.answering_at ?? question.answered_at);
      return { at: new Date(began + Number(shift) * 1000).toISOString() };
    }
    if (op !== "merge") return {};
    const target = [...this.channel.questions.values()].find((one) => String(one.no) === into.trim() && OPEN.has(one.state));
    return target && { into: target.id };
  }

  async act(question, op, args = {}) {
    const item = this.item(question.id);
    const list = item?.contains(document.activeElement) ? item.parentElement : null;
    const near = item?.nextElementSibling ?? item?.previousElementSibling;
    const answer = await this.channel.moderate(question, op, args);
    const now = answer?.ok ? answer.q : answer?.error?.current;
    /* what the acknowledgement brings is what the stream brings a moment later */
    if (now && !(this.channel.questions.get(now.id)?.rev >= now.rev) && now.ch === this.channel.ch) this.channel.questions.set(now.id, now);
    if (!answer) say(words(this.root, "offline"));
    else if (!answer.ok) {
      say(answer.error.code === "conflict" ? words(this.root, "conflict") : answer.error.message || words(this.root, "broken"));
      /* whoever looks at it now may press again over what is there */
      if (item && now) item.dataset.rev = now.rev;
    }
    if (!answer?.ok) return false;
    this.offerUndo(question.id, op);
    this.own = question.id;
    this.draw();
    this.own = null;
    if (list) this.refocus(question.id, list, near);
    return true;
  }

  /** After one's own press the focus stays near: on the card, or on the next one when the card has gone elsewhere. */
  refocus(id, list, near) {
    const now = this.item(id);
    if (now?.parentElement === list) now.focus({ preventScroll: true });
    else (near?.isConnected ? near : this.root.querySelector("[data-standing]")).focus({ preventScroll: !near?.isConnected });
  }

  item(id) {
    return this.root.querySelector(`[data-list] > [data-id="${CSS.escape(id)}"]`);
  }

  async mute(question, minutes) {
    const answer = await this.channel.send("mute", { cid: cid(), qid: question.id, minutes });
    if (answer?.ok) say(words(this.root, minutes ? "muted" : "unmuted"));
    else say(answer ? answer.error.message : words(this.root, "offline"));
  }

  async change(form, button) {
    const { op, on, seconds } = values(form, button);
    const args = op === "premod" ? { on: on === "1" } : op === "slow" ? { seconds: Number(seconds) } : {};
    const answer = await this.channel.send("chan", { cid: cid(), ch: this.channel.ch, rev: this.channel.channel.rev, op, args });
    if (answer?.ok) {
      say(words(this.root, "done"));
      if (this.channel.channel.rev < answer.channel.rev) this.channel.channel = answer.channel;
      this.soon();
    } else say(answer ? (answer.error.code === "conflict" ? words(this.root, "conflict") : answer.error.message) : words(this.root, "offline"));
  }

  offerUndo(id, op) {
    clearTimeout(this.undoTimer);
    const back = op in UNDO ? UNDO[op] : "undo";
    this.last = id && back ? { id, op: back } : null;
    this.dock("undo").hidden = !this.last;
    this.soon();
    if (this.last) this.undoTimer = setTimeout(() => this.offerUndo(null, "undo"), UNDO_MS);
  }

  async undo() {
    const last = this.last;
    const question = last && this.channel.questions.get(last.id);
    this.offerUndo(null, "undo");
    if (!question || !(await this.act(question, last.op))) return;
    this.offerUndo(null, "undo");
    say(words(this.root, "undone"));
  }

  onLine(up) {
    clearTimeout(this.downTimer);
    if (up) this.line.hidden = true;
    else
      this.downTimer = setTimeout(() => {
        set(this.line, words(this.root, "offline"));
        this.line.hidden = false;
      }, 2000);
  }

  /* -- drawing ------------------------------------------------------------------------------------------ */

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
    this.search.parentElement.hidden = all.length < MANY && !this.search.value && this.search !== document.activeElement;
    const sought = this.search.value.trim().toLocaleLowerCase();
    this.open = all.filter((question) => OPEN.has(question.state)).sort(time);
    for (const [name, belongs] of Object.entries(LISTS)) {
      const wanted = all.filter(belongs).sort(name === "live" ? next : time);
      if (name === "answered" || name === "rest") wanted.reverse();
      const found = sought ? wanted.filter((one) => `${one.no} ${one.body}`.toLocaleLowerCase().includes(sought)) : wanted;
      this.fillList(name, found, wanted.length);
      if (name === "live") this.next = wanted[0];
      if (name === "pending") this.count(wanted);
    }
    this.fillDock(all.find((question) => question.state === "answering"), this.next);
    this.fillChannel();
  }

  fillChannel() {
    const { open, premod, slow_s: slow } = this.channel.channel;
    const chip = document.getElementById("queue-open");
    set(chip, chip.dataset[open ? "open" : "closed"]);
    chip.className = `chip ${open ? "live" : "note"}`;
    const on = { open, closed: !open, premod, loose: !premod };
    for (const form of this.root.querySelectorAll("[data-when]")) form.hidden = !on[form.dataset.when];
    const pause = this.root.querySelector('[data-chan] [name="seconds"]');
    if (pause && pause !== document.activeElement && !written(pause.form)) pause.value = String(slow);
    const since = this.open.length ? clock.format(new Date(this.open[0].asked_at)) : "";
    const text = since ? count(this.root, "standing", this.open.length, { time: since }) : words(this.root, "allAnswered");
    set(this.root.querySelector("[data-standing]"), text);
  }

  fillList(name, wanted, total) {
    const list = this.root.querySelector(`[data-list="${name}"]`);
    const items = new Map([...list.children].map((item) => [item.dataset.id, item]));
    const ids = new Set(wanted.map((question) => question.id));
    for (const [id, item] of items) {
      /* what somebody works on fades in its place; another's press never takes the focus away */
      if (ids.has(id)) continue;
      if (!this.busy(item)) {
        item.remove();
        continue;
      }
      const question = this.channel.questions.get(id);
      if (question) this.fill(item, question);
      item.classList.add("gone");
    }
    let at = 0;
    for (const question of wanted) {
      let item = items.get(question.id);
      const elsewhere = item ? null : this.item(question.id);
      if (elsewhere && this.busy(elsewhere)) continue; /* still worked on where it was */
      elsewhere?.remove();
      if (!item || (item.dataset.rev !== String(question.rev) && !this.busy(item))) {
        const made = this.make(question);
        for (const kind of [".more", ".writing"]) {
          if (item?.querySelector(kind)?.open && made.querySelector(kind)) made.querySelector(kind).open = true;
        }
        if (item) item.replaceWith(made);
        item = made;
      }
      this.fill(item, question);
      this.place(list, item, at);
      at += 1;
    }
    set(this.root.querySelector(`[data-count="${name}"]`), String(total));
    const empty = this.root.querySelector(`[data-empty="${name}"]`);
    if (empty) empty.hidden = total > 0;
  }

  /** Put a card where it belongs; nothing moves under a focus, except by that person's own press. */
  place(list, item, at) {
    const focus = document.activeElement;
    const held = list.contains(focus) && this.own === null;
    if (held && !item.isConnected) list.append(item);
    if (held || list.children[at] === item) return;
    list.insertBefore(item, list.children[at] ?? null);
    if (item.contains(focus)) focus.focus({ preventScroll: true }); /* moving a thing takes its focus away */
  }

  /** Whether somebody works on the card: another's change is then told on it and drawn later. */
  busy(item) {
    if (item.dataset.id === this.own) return false;
    return item.contains(document.activeElement) || written(item);
  }

  make(question) {
    const item = prune(copy("queue-item"), question.state);
    item.dataset.id = question.id;
    item.dataset.rev = question.rev;
    item.id = `q-${question.id}`;
    item.classList.toggle("warn", question.flags.length > 0 && question.state === "pending");
    const show = item.querySelector("[data-show]");
    if (question.masked && !question.no && !this.shown.has(question.id)) {
      show.addEventListener("click", () => {
        this.shown.add(question.id);
        item.focus({ preventScroll: true });
        show.remove();
        this.soon();
      });
    } else show.remove();
    this.offerJoining(item, question);
    this.bind(item, question);
    return item;
  }

  /** A new question that has been asked already: joining is then the first thing to do. */
  offerJoining(item, question) {
    const form = item.querySelector('[data-if="similar"]');
    if (!form) return;
    const others = this.open.filter((one) => one.no && one.id !== question.id);
    const [like] = question.no ? [] : similar(question.body, others);
    if (!like) return form.remove();
    item.dataset.like = like.no;
    form.querySelector('[name="into"]').defaultValue = like.no;
    form.querySelector("button").textContent = words(this.root, "join", like);
    item.querySelector('[value="approve"]').classList.add("ghost");
    item.querySelector('[value="reject"]').closest("form").hidden = true; /* stands among the rest, with a reason */
  }

  /** Give the forms of a card or a part of it what they are about. */
  bind(part, question) {
    for (const field of part.querySelectorAll('[name="id"]')) field.defaultValue = question.id;
  }

  onMore(fold) {
    const question = this.channel.questions.get(fold.closest(".q").dataset.id);
    if (!fold.open || !question || fold.querySelector(".acts")) return;
    const acts = prune(copy("queue-more"), question.state);
    for (const one of acts.querySelectorAll(`[data-if="${question.pinned ? "pinned" : "loose"}"]`)) one.remove();
    const own = acts.querySelector("[data-own]");
    if (own) own.defaultValue = question.body;
    const labels = acts.querySelector("[data-labels]");
    if (labels) labels.defaultValue = question.labels.join(", ");
    for (const option of acts.querySelectorAll("[data-to] option")) option.defaultSelected = option.value === (question.to ?? "");
    acts.querySelector("[data-tag]").textContent = words(this.root, "asker", { tag: question.author_tag });
    for (const reply of question.replies) {
      const form = copy("queue-unreply");
      form.querySelector('[name="reply"]').defaultValue = reply.id;
      form.querySelector("button").textContent += `: ${reply.body.slice(0, 40)}`;
      acts.append(form);
    }
    this.bind(acts, question);
    fold.append(acts);
  }

  fill(item, question) {
    item.classList.remove("gone");
    set(item.querySelector(":scope > small"), this.meta(item, question).filter(Boolean).join(" · "));
    set(item.querySelector("p"), question.masked && !question.no && !this.shown.has(question.id) ? question.masked : question.body);
    answers(item, question.replies, words(this.root, "hosts"));
  }

  meta(item, question) {
    const minutes = Math.floor((Date.now() - Date.parse(question.asked_at)) / 60000);
    const waited = { pending: minutes < 1 ? words(this.root, "justNow") : words(this.root, "minutes", { num: minutes }), live: words(this.root, "openFor", { num: Math.max(1, minutes) }) };
    const flag = question.no ? "" : question.flags.find((one) => one !== "words") ?? question.flags[0];
    const into = question.merged_into && this.channel.questions.get(question.merged_into)?.no;
    return [
      question.no ? words(this.root, "number", question) : words(this.root, "new"),
      this.booths[question.to] ?? words(this.root, "everybody"),
      question.name,
      question.pinned ? words(this.root, "pinned") : "",
      flag ? words(this.root, `flag${camel(flag)}`) : "",
      question.reports ? count(this.root, "reports", question.reports) : "",
      item.dataset.like ? words(this.root, "like", { no: item.dataset.like }) : "",
      ...question.labels,
      question.up ? count(this.root, "votes", question.up) : "",
      into ? words(this.root, "into", { no: into }) : "",
      question.answering_at && question.state === "answered" ? words(this.root, "began", { time: clock.format(new Date(question.answering_at)) }) : "",
      waited[question.state],
      item.dataset.rev !== String(question.rev) ? words(this.root, "changed") : "",
    ];
  }

  fillDock(now, following) {
    set(this.dock("now"), now ? words(this.root, "nowIs", now) : words(this.root, "nobody"));
    set(this.dock("next"), following ? words(this.root, "nextIs", following) : words(this.root, "noNext"));
    this.dockButton("go", "queue-go", following);
    this.dockButton("end", "queue-end", now);
    this.root.querySelector(".dock").hidden = !(now || following || this.last);
  }

  /** A dock's button stays the same element, so a focus on it stays too. */
  dockButton(name, shape, question) {
    const place = this.dock(name);
    if (!place.dataset.made) {
      place.dataset.made = "1";
      place.replaceChildren(copy(shape));
    }
    place.hidden = !question;
    place.querySelector('[name="id"]').value = question?.id ?? "";
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
