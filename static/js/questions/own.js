/** One's own questions: where each is on its way, why not, and what one may still do to it. */

import { token } from "../base.js";
import { copy, words } from "../words.js";
import { answers, camel, press, prune, set, values, written } from "./cards.js";

export const PUBLIC = new Set(["live", "answering", "answered"]);
const STEPS = { sending: 0, pending: 1, live: 2, answering: 3, answered: 4 };

export class Own {
  /** `panel` draws the rest: it has root, words, channel, speak(text, wrong) and writeAgain(text). */
  constructor(panel) {
    this.panel = panel;
    this.words = panel.words;
    this.channel = panel.channel;
    this.list = panel.root.querySelector(".questions.mine");
    panel.root.addEventListener("submit", (event) => this.onSubmit(event));
    panel.root.addEventListener("click", (event) => this.onClick(event));
  }

  of(id) {
    return [...this.channel.own.values()].find((question) => question.id === id);
  }

  /** The question a control stands on. */
  at(control) {
    const item = control.closest(".q");
    return this.channel.own.get(item.dataset.cid) ?? this.of(item.dataset.id);
  }

  draw() {
    const own = [...this.channel.own.values()].filter((question) => !PUBLIC.has(question.state));
    const items = new Map([...this.list.children].map((item) => [item.dataset.cid, item]));
    for (const [name, item] of items) {
      if (!own.some((question) => question.cid === name)) item.remove();
    }
    for (const question of own) {
      let item = items.get(question.cid);
      if (!item?.dataset.state) {
        /* the server's own drawing is as good; ours knows more */
        const made = copy("own");
        made.dataset.cid = question.cid;
        if (item) item.replaceWith(made);
        else this.list.append(made);
        item = made;
      }
      this.fill(item, question);
    }
  }

  fill(item, question) {
    item.className = `q own ${question.state}`;
    if (question.id) item.id = `q-${question.id}`;
    set(item.querySelector("p"), question.body);
    const way = item.querySelector(".way");
    way.hidden = !(question.state in STEPS);
    way.dataset.step = STEPS[question.state] ?? 0;
    const offline = question.state === "sending" && !this.channel.socket.connected;
    set(item.querySelector("small"), words(this.words, `own${offline ? "WaitingLine" : camel(question.state)}`));
    const why = item.querySelector(".why");
    set(why, question.reason ? words(this.words, `reason${camel(question.reason)}`) : "");
    why.hidden = !question.reason;
    answers(item, question.replies, words(this.words, "hosts"));
    this.fillActs(item, question);
  }

  /** The controls a question's state has; left alone while somebody writes in them. */
  fillActs(place, question) {
    const mailed = this.channel.mailed.has(question.id);
    const version = `${question.state}:${mailed}`;
    const old = place.querySelector(":scope > .acts");
    if (old && (place.dataset.state === version || written(old))) return;
    place.dataset.state = version;
    const acts = prune(copy("own-acts"), question.state);
    for (const one of acts.querySelectorAll(mailed ? ".mail" : "[data-mailed]")) one.remove();
    const box = acts.querySelector("textarea");
    if (box) box.defaultValue = question.body;
    const had = old?.contains(document.activeElement);
    if (old) old.replaceWith(acts);
    else place.append(acts);
    /* one's own press made it anew: the focus stays where it was */
    if (had) acts.querySelector("summary, button")?.focus({ preventScroll: true });
    if (!acts.children.length) acts.remove();
  }

  onSubmit(event) {
    const form = event.target.closest(".acts form");
    if (!form) return;
    event.preventDefault();
    const question = this.at(form);
    if (!question) return;
    const button = event.submitter;
    if (form.action.endsWith("/address")) press(button, () => this.leaveAddress(form, question));
    else if (button?.value === "edit") press(button, () => this.edit(form, question));
    else press(button, () => this.withdraw(question));
  }

  async edit(form, question) {
    const { body } = values(form);
    if (body.trim() === question.body) return this.shut(form);
    const answer = await this.channel.changeOwn(question, "edit", { body });
    if (this.wentWrong(answer)) return;
    this.shut(form);
    this.panel.speak(words(this.words, "changed"));
  }

  async withdraw(question) {
    const answer = await this.channel.changeOwn(question, "withdraw");
    if (!this.wentWrong(answer)) this.panel.speak(words(this.words, "takenBack"));
  }

  async leaveAddress(form, question) {
    const sent = new FormData(form);
    sent.set("csrf_token", token());
    sent.set("id", question.id);
    try {
      const answer = await fetch(form.action, { method: "POST", body: sent, headers: { Accept: "application/json" } });
      if (answer.ok) {
        form.reset();
        this.channel.mailed.add(question.id);
        this.panel.speak(words(this.words, "mailed"));
        this.channel.tell("change");
      } else this.panel.speak(words(this.words, answer.status === 422 ? "noAddress" : "broken"), true);
    } catch {
      this.panel.speak(words(this.words, "offline"), true); /* what was typed stays where it is */
    }
  }

  /** Say what went wrong; what was typed stays in its place. */
  wentWrong(answer) {
    if (answer?.ok) return false;
    const key = answer ? (answer.error.code === "conflict" ? "late" : { too_long: "tooLong", invalid: "tooShort" }[answer.error.code]) : "offline";
    this.panel.speak(key ? words(this.words, key) : answer.error.message || words(this.words, "broken"), true);
    return true;
  }

  shut(form) {
    const fold = form.closest("details.act");
    form.reset();
    if (!fold) return;
    fold.open = false;
    fold.querySelector("summary").focus({ preventScroll: true });
  }

  onClick(event) {
    const button = event.target.closest("[data-again], [data-discard]");
    if (!button) return;
    const question = this.at(button);
    if (!question) return;
    if (button.matches("[data-again]") && !this.panel.writeAgain(question.body)) return;
    if (question.state === "unsent") this.channel.drop(question);
  }
}
