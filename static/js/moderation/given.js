/** The stage's questions given to a company: they come and are answered in writing while the show goes on. */

import { say } from "../base.js";
import { answers, press, set, written } from "../questions/cards.js";
import { Channel } from "../questions/client.js";
import { copy, count, words } from "../words.js";

class Given {
  constructor(root, queue) {
    this.root = root;
    this.words = queue;
    this.list = root.querySelector(".questions");
    const { event, state } = root.dataset;
    this.channel = new Channel({ event, ch: "stage", state });
    this.channel.addEventListener("change", () => this.channel.ready && this.draw());
    root.addEventListener("submit", (event_) => {
      event_.preventDefault();
      press(event_.submitter, () => this.answer(event_.target));
    });
    this.channel.start();
  }

  async answer(form) {
    const question = this.channel.questions.get(form.querySelector('[name="id"]').value);
    const body = form.elements.body.value.trim();
    if (!question || !body) return;
    const answer = await this.channel.moderate(question, "reply", { body });
    if (answer?.ok) {
      form.reset();
      say(words(this.words, "done"));
    } else say(answer ? answer.error.message : words(this.words, "offline"));
  }

  draw() {
    const ours = [...this.channel.questions.values()].filter((question) => question.to === this.root.dataset.booth);
    ours.sort((a, b) => (a.asked_at < b.asked_at ? -1 : 1));
    const items = new Map([...this.list.children].map((item) => [item.dataset.id, item]));
    for (const [id, item] of items) {
      /* a text being written stays, whatever became of the question */
      if (!ours.some((question) => question.id === id) && !written(item)) item.remove();
    }
    for (const question of ours) {
      let item = items.get(question.id);
      if (!item) {
        item = copy("given-item");
        item.dataset.id = question.id;
        item.id = `given-${question.id}`;
        this.list.append(item);
      }
      item.querySelector('[name="id"]').value = question.id;
      item.classList.toggle("now", question.state === "answering");
      set(item.querySelector("small"), `${words(this.words, "number", question)} · ${count(this.words, "votes", question.up)}`);
      set(item.querySelector("p"), question.body);
      answers(item, question.replies, words(this.words, "hosts"));
    }
    this.root.hidden = this.list.children.length === 0;
    set(this.root.querySelector("[data-open]"), String(ours.filter((question) => question.state !== "answered" && !question.replies.length).length));
  }
}

for (const root of document.querySelectorAll("[data-given]")) new Given(root, root.closest("[data-queue]"));
