/**
 * The attendee's panel: a list that moves while one watches and stands still while one reads, the ask box, one's
 * own questions and what became of them. The server's list and form work without this file.
 */

import { forget, keep } from "../base.js";
import { copy, count, words } from "../words.js";
import { answers, attribute, camel, press, set, showPresent, written } from "./cards.js";
import { Channel } from "./client.js";
import { Own } from "./own.js";
import { similar } from "./similar.js";

const LOG_MS = 8000; /* a screen reader is told of new questions at most this often */
const SPOKEN_MS = 20000;
const TOUCHED_MS = 4000; /* so long after a touch or a roll somebody is taken to be reading */
const TYPED_MS = 600;
const mouse = matchMedia("(hover: hover)");

class Panel {
  constructor(root) {
    this.root = root;
    this.words = document.getElementById("qa-words");
    this.list = root.querySelector(".questions.list");
    this.form = root.querySelector(".ask");
    this.box = this.form.querySelector("textarea");
    this.outcome = this.form.querySelector(".outcome");
    this.hint = root.querySelector(".similar");
    this.line = root.querySelector(".line-down");
    this.refresh = root.querySelector(".refresh");
    this.sort = root.querySelector(".sort");
    this.nothing = root.querySelector(".nothing");
    this.log = root.querySelector('[role="log"]');
    this.closed = root.querySelector(".closed");
    this.booths = JSON.parse(root.dataset.booths || "{}");
    this.seen = null; /* ids known to the log; null until the first state */
    this.fresh = 0;
    this.touched = 0;
    const { event, ch, state, me } = root.dataset;
    this.channel = new Channel({ event, ch, state, me });
    this.own = new Own(this);
    this.listen();
    this.channel.start();
  }

  listen() {
    const channel = this.channel;
    channel.addEventListener("change", () => this.soon());
    channel.addEventListener("line", ({ detail }) => this.onLine(detail.up));
    channel.addEventListener("outcome", ({ detail }) => this.onOutcome(detail));
    channel.addEventListener("refused", ({ detail }) => this.onRefused(detail));
    channel.addEventListener("present", ({ detail }) => showPresent(channel.ch, detail.n));
    channel.addEventListener("given-up", () => {
      this.giveBack();
      this.speak(words(this.words, "givenUp"), true);
    });
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.ask();
    });
    this.box.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        this.ask();
      }
    });
    this.box.addEventListener("input", () => {
      clearTimeout(this.typed);
      this.typed = setTimeout(() => this.compare(), TYPED_MS);
    });
    this.hint.addEventListener("click", (event) => this.voteInstead(event.target.closest("button")));
    this.list.addEventListener("click", (event) => this.onPress(event));
    this.list.addEventListener("toggle", (event) => event.target.open && this.fillMore(event.target), true);
    this.sort.hidden = false;
    this.sort.addEventListener("change", () => this.draw(true));
    this.refresh.addEventListener("click", () => {
      this.list.focus({ preventScroll: true });
      this.draw(true);
    });
    for (const name of ["pointerleave", "focusout"]) this.list.addEventListener(name, () => this.soon());
    for (const name of ["touchstart", "touchmove", "wheel"]) this.list.addEventListener(name, () => this.touch(), { passive: true });
    setInterval(() => this.tellLog(), LOG_MS);
  }

  /* -- asking ------------------------------------------------------------------------------------------- */

  ask() {
    const text = this.box.value.trim();
    if (text.length < 3) return this.speak(words(this.words, "tooShort"), true);
    if (letters(text) > Number(this.box.dataset.longest)) return this.speak(words(this.words, "tooLong"), true);
    const { name, to } = this.form.elements;
    this.channel.ask(text, name?.value.trim() ?? "", to?.value || null);
    this.box.value = "";
    if (to) to.value = "";
    forget(this.form);
    this.compare();
    this.speak("");
    const last = () => this.own.list.lastElementChild?.scrollIntoView({ block: "nearest" });
    requestAnimationFrame(() => requestAnimationFrame(last));
  }

  /** A text back into the box, unless something else is being written there; says whether it is there. */
  writeAgain(text) {
    if (this.form.hidden) return false;
    if (!this.box.value.trim()) this.box.value = text;
    else if (this.box.value !== text) return false;
    keep(this.form);
    this.box.focus();
    return true;
  }

  /** What could not be sent goes back to the box when that is free; else it waits among one's own questions. */
  giveBack() {
    const failed = this.channel.outbox().find((waiting) => waiting.failed);
    if (!failed || this.form.hidden || this.box.value.trim()) return;
    this.box.value = failed.body;
    keep(this.form);
    this.channel.drop(failed);
  }

  /** While one types: whether the same has been asked. */
  compare() {
    const open = [...this.channel.questions.values()];
    const found = similar(this.box.value, open);
    const shown = found.map((question) => question.id).join();
    if ((this.hint.dataset.shown ?? "") === shown) return;
    this.hint.dataset.shown = shown;
    this.hint.hidden = found.length === 0;
    const title = document.createElement("p");
    title.textContent = words(this.words, "similar");
    const buttons = found.map((question) => {
      const button = document.createElement("button");
      button.type = "button";
      button.dataset.id = question.id;
      button.textContent = `${words(this.words, "number", question)} · ${question.body}`;
      return button;
    });
    this.hint.replaceChildren(...(found.length ? [title, ...buttons] : []));
  }

  voteInstead(button) {
    const question = button && this.channel.questions.get(button.dataset.id);
    if (!question) return;
    this.channel.vote(question.id, true);
    this.speak(words(this.words, "voted", question));
    document.getElementById(`q-${question.id}`)?.scrollIntoView({ block: "nearest" });
  }

  /** Tell one's own outcome; what went well makes room again after a while. */
  speak(text, wrong = false) {
    clearTimeout(this.spoken);
    if (text && !wrong) this.spoken = setTimeout(() => (this.outcome.textContent = ""), SPOKEN_MS);
    this.outcome.textContent = text;
    this.outcome.classList.toggle("wrong", wrong);
  }

  onOutcome({ state, reason }) {
    if (state === "pending") return this.speak(words(this.words, "received"));
    const key = `said${camel(state)}`;
    if (!(key in this.words.dataset)) return;
    const why = reason && state === "rejected" ? words(this.words, `reason${camel(reason)}`) : "";
    this.speak(`${words(this.words, key)} ${why}`.trim(), ["rejected", "removed"].includes(state));
  }

  onRefused({ kind, error }) {
    if (kind === "wait") return this.speak(words(this.words, "wait"));
    if (kind !== "ask") return;
    this.giveBack();
    const key = { too_long: "tooLong", invalid: "tooShort", closed: "closed" }[error.code];
    this.speak(key ? words(this.words, key) : error.message || words(this.words, "broken"), true);
  }

  onLine(up) {
    clearTimeout(this.downTimer);
    /* a moment's gap is nobody's business */
    if (!up) this.downTimer = setTimeout(() => this.showLine(words(this.words, "offline")), 3000);
    else this.showLine("");
  }

  showLine(text) {
    this.line.textContent = text;
    this.line.hidden = !text;
  }

  /* -- on the list -------------------------------------------------------------------------------------- */

  onPress(event) {
    const vote = event.target.closest(".vote");
    if (vote) {
      event.preventDefault();
      this.channel.vote(vote.closest(".q").dataset.id, vote.getAttribute("aria-pressed") !== "true");
    }
    const report = event.target.closest('button[name="report"]');
    if (report) {
      event.preventDefault();
      press(report, () => this.report(report));
    }
  }

  async report(button) {
    const { id } = button.closest(".q").dataset;
    const answer = await this.channel.report(id, button.value.split(":")[1]);
    if (!answer?.ok) return this.speak(answer ? answer.error.message : words(this.words, "offline"), true);
    const fold = button.closest("details");
    fold.open = false;
    fold.querySelector("summary").focus({ preventScroll: true });
    this.speak(words(this.words, "reported"));
  }

  /** What one may do to a question is drawn when it is asked for. */
  fillMore(fold) {
    const question = this.channel.questions.get(fold.closest(".q").dataset.id);
    const own = question && this.own.of(question.id);
    if (!question || fold.querySelector(":scope > .acts")) return own && this.own.fillActs(fold, own);
    if (own) return this.own.fillActs(fold, own);
    const acts = copy("others-acts");
    const link = acts.querySelector("[data-lead]");
    const company = this.booths[question.to];
    if (link.hidden && company) {
      link.href = this.words.dataset.lead.replace("%", question.to);
      link.querySelector("[data-lead-name]").textContent = `: ${company}`;
      link.hidden = false;
    }
    for (const button of acts.querySelectorAll('[name="report"]')) button.value = question.id + button.value;
    fold.append(acts);
  }

  /* -- drawing ------------------------------------------------------------------------------------------ */

  soon() {
    if (this.waiting) return;
    this.waiting = true;
    requestAnimationFrame(() => {
      this.waiting = false;
      this.draw(false);
    });
  }

  touch() {
    this.touched = Date.now();
    clearTimeout(this.letGo);
    this.letGo = setTimeout(() => this.soon(), TOUCHED_MS + 50);
  }

  /** Whether somebody reads or works in the list: then nothing in it changes its place. */
  held() {
    const focus = document.activeElement;
    if (focus !== this.list && this.list.contains(focus)) return true;
    /* on a touch screen what was tapped last stays "hovered" for ever, so there a moment after the touch counts */
    return mouse.matches ? this.list.matches(":hover") : Date.now() - this.touched < TOUCHED_MS;
  }

  sorted() {
    const by = this.sort.querySelector("select").value;
    const all = [...this.channel.questions.values()].filter((question) => by !== "open" || question.state !== "answered");
    const time = (a, b) => (a.asked_at < b.asked_at ? -1 : a.asked_at > b.asked_at ? 1 : a.id < b.id ? -1 : 1);
    const first = (question) => (question.state === "answering" ? 0 : question.pinned ? 1 : 2);
    return all.sort((a, b) => first(a) - first(b) || (by === "new" ? time(b, a) : b.up - a.up || time(a, b)));
  }

  draw(anyway) {
    if (!this.channel.ready) return this.own.draw();
    const frozen = !anyway && this.held();
    const wanted = this.sorted();
    const items = new Map([...this.list.children].map((item) => [item.dataset.id, item]));
    const kept = new Set(wanted.map((question) => question.id));
    for (const [id, item] of items) {
      if (kept.has(id)) continue;
      /* while somebody reads, what is gone fades in its place; it goes when the reader has gone */
      if (frozen) item.classList.add("gone");
      else item.remove();
    }
    for (const question of wanted) {
      let item = items.get(question.id);
      if (!item) {
        item = copy("question");
        item.dataset.id = question.id;
        item.id = `q-${question.id}`;
        item.classList.toggle("fresh", this.seen !== null);
        this.list.append(item);
        items.set(question.id, item);
      }
      this.fill(item, question);
    }
    this.order(wanted, items, frozen);
    this.count(wanted);
    this.own.draw();
    this.form.hidden = !this.channel.channel.open;
    this.closed.hidden = this.channel.channel.open;
    this.nothing.hidden = wanted.length > 0 || this.own.list.children.length > 0;
  }

  order(wanted, items, frozen) {
    const now = [...this.list.children];
    const moved = now.length !== wanted.length || now.some((item, at) => item.dataset.id !== wanted[at].id);
    this.refresh.hidden = !moved || !frozen;
    if (!moved || frozen) return;
    for (const question of wanted) this.list.append(items.get(question.id));
  }

  fill(item, question) {
    const answering = question.state === "answering";
    const own = this.own.of(question.id);
    item.classList.remove("gone");
    item.classList.toggle("now", answering);
    item.classList.toggle("answered", question.state === "answered");
    set(item.querySelector("p"), question.body);
    item.querySelector(".label").hidden = !answering;
    set(item.querySelector(".label"), answering ? words(this.words, "now", { no: question.no }) : "");
    const parts = [
      answering ? "" : words(this.words, "number", { no: question.no }),
      this.booths[question.to] ?? words(this.words, "everybody"),
      question.name,
      question.state === "answered" ? words(this.words, "answered") : "",
      own ? words(this.words, "mine") : "",
    ];
    set(item.querySelector("small"), parts.filter(Boolean).join(" · "));
    const vote = item.querySelector(".vote");
    set(vote, String(question.up));
    attribute(vote, "aria-pressed", String(this.channel.votes.has(question.id)));
    attribute(vote, "aria-label", count(this.words, "vote", question.up, { no: question.no }));
    const fold = item.querySelector(".more");
    attribute(fold.querySelector("summary"), "aria-label", words(this.words, "more", { no: question.no }));
    const acts = fold.querySelector(":scope > .acts");
    if (acts && !fold.open && !written(acts)) acts.remove();
    answers(item, question.replies, words(this.words, "hosts"));
  }

  /* -- being heard -------------------------------------------------------------------------------------- */

  count(wanted) {
    const ids = wanted.map((question) => question.id);
    if (this.seen === null) this.seen = new Set(ids);
    for (const id of ids) {
      if (!this.seen.has(id)) this.fresh += 1;
      this.seen.add(id);
    }
  }

  tellLog() {
    if (!this.fresh) return;
    this.log.textContent = count(this.words, "new", this.fresh);
    this.fresh = 0;
  }
}

/** Letters as people count them, an emoji family being one. */
function letters(text) {
  if (!("Segmenter" in Intl)) return [...text].length;
  return [...new Intl.Segmenter().segment(text)].length;
}

for (const root of document.querySelectorAll("[data-qa]")) new Panel(root);
