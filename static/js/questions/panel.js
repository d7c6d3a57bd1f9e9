/**
 * The attendee's panel: a list that moves while one watches and stands still while one reads, the ask box, one's
 * own questions and what became of them. The server's list and form work without this file.
 */

import { forget, keep } from "../base.js";
import { copy, count, words } from "../words.js";
import { Channel } from "./client.js";

const PUBLIC = new Set(["live", "answering", "answered"]);
const LOG_MS = 8000; /* a screen reader is told of new questions at most this often */
const SPOKEN_MS = 20000;

class Panel {
  constructor(root) {
    this.root = root;
    this.words = document.getElementById("qa-words");
    this.list = root.querySelector(".questions.list");
    this.mine = root.querySelector(".questions.mine");
    this.form = root.querySelector(".ask");
    this.box = this.form.querySelector("textarea");
    this.outcome = this.form.querySelector(".outcome");
    this.line = root.querySelector(".line-down");
    this.refresh = root.querySelector(".refresh");
    this.sort = root.querySelector(".sort");
    this.nothing = root.querySelector(".nothing");
    this.log = root.querySelector('[role="log"]');
    this.closed = root.querySelector(".closed");
    this.booths = JSON.parse(root.dataset.booths || "{}");
    this.seen = null; /* ids known to the log; null until the first state */
    this.fresh = 0;
    const { event, ch, state, me } = root.dataset;
    this.channel = new Channel({ event, ch, state, me });
    this.listen();
    this.channel.start();
  }

  listen() {
    const channel = this.channel;
    channel.addEventListener("change", () => this.soon());
    channel.addEventListener("line", ({ detail }) => this.onLine(detail.up));
    channel.addEventListener("outcome", ({ detail }) => this.onOutcome(detail));
    channel.addEventListener("refused", ({ detail }) => this.onRefused(detail));
    channel.addEventListener("given-up", ({ detail }) => {
      this.giveBack(detail.text);
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
    this.list.addEventListener("click", (event) => {
      const button = event.target.closest(".vote");
      if (!button) return;
      event.preventDefault();
      channel.vote(button.closest(".q").dataset.id, button.getAttribute("aria-pressed") !== "true");
    });
    this.sort.hidden = false;
    this.sort.addEventListener("change", () => this.draw(true));
    this.refresh.addEventListener("click", () => {
      this.draw(true);
      this.refresh.hidden = true;
    });
    for (const name of ["pointerleave", "focusout"]) this.list.addEventListener(name, () => this.soon());
    setInterval(() => this.tellLog(), LOG_MS);
  }

  /* -- asking ------------------------------------------------------------------------------------------- */

  ask() {
    const text = this.box.value.trim();
    if (text.length < 3) return this.speak(words(this.words, "tooShort"), true);
    if (letters(text) > Number(this.box.dataset.longest)) return this.speak(words(this.words, "tooLong"), true);
    this.channel.ask(text);
    this.box.value = "";
    forget(this.form);
    this.speak("");
    requestAnimationFrame(() => requestAnimationFrame(() => this.mine.lastElementChild?.scrollIntoView({ block: "nearest" })));
  }

  giveBack(text) {
    if (!this.box.value.trim()) this.box.value = text;
    keep(this.form);
  }

  /** Tell one's own outcome; what went well makes room again after a while. */
  speak(text, wrong = false) {
    clearTimeout(this.spoken);
    if (text && !wrong) this.spoken = setTimeout(() => (this.outcome.textContent = ""), SPOKEN_MS);
    this.outcome.textContent = text;
    this.outcome.classList.toggle("wrong", wrong);
  }

  onOutcome({ state, reason }) {
    const key = { pending: "received", live: "saidLive", answering: "saidAnswering", answered: "saidAnswered" }[state];
    if (key) return this.speak(words(this.words, key));
    if (state !== "rejected") return;
    this.speak(`${words(this.words, "saidRejected")} ${this.why(reason)}`.trim(), true);
  }

  onRefused({ kind, error, text }) {
    if (kind === "wait") return this.speak(words(this.words, "wait"));
    if (kind !== "ask") return;
    this.giveBack(text);
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

  why(reason) {
    if (!reason) return "";
    return words(this.words, `reason${reason.split("_").map((part) => part[0].toUpperCase() + part.slice(1)).join("")}`);
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

  /** Whether somebody reads or works in the list: then nothing in it changes its place. */
  held() {
    return this.list.contains(document.activeElement) || this.list.matches(":hover");
  }

  sorted() {
    const by = this.sort.querySelector("select").value;
    const all = [...this.channel.questions.values()].filter((question) => by !== "open" || question.state !== "answered");
    const time = (a, b) => (a.asked_at < b.asked_at ? -1 : a.asked_at > b.asked_at ? 1 : a.id < b.id ? -1 : 1);
    const first = (question) => (question.state === "answering" ? 0 : 1);
    return all.sort((a, b) => first(a) - first(b) || (by === "new" ? time(b, a) : b.up - a.up || time(a, b)));
  }

  draw(anyway) {
    if (!this.channel.ready) return this.drawMine();
    const wanted = this.sorted();
    const items = new Map([...this.list.children].map((item) => [item.dataset.id, item]));
    const kept = new Set(wanted.map((question) => question.id));
    for (const [id, item] of items) {
      if (kept.has(id)) continue;
      /* what has the focus goes when the focus has gone */
      if (item.contains(document.activeElement)) item.addEventListener("focusout", () => this.soon(), { once: true });
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
    this.order(wanted, items, anyway);
    this.count(wanted);
    this.drawMine();
    this.form.hidden = !this.channel.channel.open;
    this.closed.hidden = this.channel.channel.open;
    this.nothing.hidden = wanted.length > 0 || this.mine.children.length > 0;
  }

  order(wanted, items, anyway) {
    const now = [...this.list.children].filter((item) => this.channel.questions.has(item.dataset.id));
    const moved = now.some((item, at) => item.dataset.id !== wanted[at]?.id);
    if (!moved) this.refresh.hidden = true;
    else if (anyway || !this.held()) {
      for (const question of wanted) this.list.append(items.get(question.id));
      this.refresh.hidden = true;
    } else this.refresh.hidden = false;
  }

  fill(item, question) {
    item.classList.toggle("now", question.state === "answering");
    item.classList.toggle("answered", question.state === "answered");
    set(item.querySelector("p"), question.body);
    const answering = question.state === "answering";
    item.querySelector(".label").hidden = !answering;
    set(item.querySelector(".label"), answering ? words(this.words, "now", { no: question.no }) : "");
    const parts = [
      answering ? "" : words(this.words, "number", { no: question.no }),
      this.booths[question.to] ?? words(this.words, "everybody"),
      question.name,
      question.state === "answered" ? words(this.words, "answered") : "",
      [...this.channel.own.values()].some((own) => own.id === question.id) ? words(this.words, "mine") : "",
    ];
    set(item.querySelector("small"), parts.filter(Boolean).join(" · "));
    const vote = item.querySelector(".vote");
    set(vote, String(question.up));
    attribute(vote, "aria-pressed", String(this.channel.votes.has(question.id)));
    attribute(vote, "aria-label", count(this.words, "vote", question.up, { no: question.no }));
    answers(item, question.replies, words(this.words, "hosts"));
  }

  drawMine() {
    const own = [...this.channel.own.values()].filter((question) => !PUBLIC.has(question.state));
    const items = new Map([...this.mine.children].map((item) => [item.dataset.cid, item]));
    for (const [name, item] of items) {
      if (!own.some((question) => question.cid === name)) item.remove();
    }
    for (const question of own) {
      let item = items.get(question.cid);
      if (!item) {
        item = copy("own");
        item.dataset.cid = question.cid;
        this.mine.append(item);
      }
      item.className = `q own ${question.state}`;
      set(item.querySelector("p"), question.body);
      const offline = question.state === "sending" && !this.channel.socket.connected;
      const key = offline ? "WaitingLine" : question.state[0].toUpperCase() + question.state.slice(1);
      set(item.querySelector("small"), words(this.words, `own${key}`));
      const why = item.querySelector(".why");
      if (why) {
        set(why, this.why(question.reason));
        why.hidden = !question.reason;
      }
    }
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

function set(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function attribute(element, name, value) {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}

/** Draw the written answers under a question, only where they differ. */
export function answers(item, replies, hosts) {
  const wanted = replies.map((reply) => `${reply.by}\n${reply.body}`).join("\n\n");
  if ((item.dataset.replies ?? "") === wanted && item.querySelectorAll(".answer").length === replies.length) return;
  item.dataset.replies = wanted;
  for (const old of item.querySelectorAll(".answer")) old.remove();
  for (const reply of replies) {
    const answer = copy("answer");
    answer.querySelector("b").textContent = reply.by || hosts;
    answer.querySelector("span").textContent = reply.body;
    const before = item.querySelector(".row");
    if (before) before.before(answer);
    else item.append(answer);
  }
}

for (const root of document.querySelectorAll("[data-qa]")) new Panel(root);

