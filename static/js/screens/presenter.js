/** The presenter's view, live. Without this file the button is a plain form. */

import { say } from "../base.js";
import { words } from "../words.js";
import { Channel, cid } from "../questions/client.js";
import { upNext } from "./next.js";

class Presenter {
  constructor(root) {
    this.root = root;
    this.line = root.querySelector(".line-down");
    const { event, ch, state } = root.dataset;
    this.channel = new Channel({ event, ch, state });
    this.channel.addEventListener("change", () => this.channel.ready && this.draw());
    this.channel.addEventListener("line", ({ detail }) => {
      this.line.textContent = words(root, "offline");
      this.line.hidden = detail.up;
    });
    root.querySelector("form").addEventListener("submit", (event_) => {
      // before the line is there the plain form goes: a press is never swallowed
      if (!this.channel.ready) return;
      event_.preventDefault();
      this.next(event_.submitter);
    });
    this.channel.start();
  }

  async next(button) {
    if (button?.getAttribute("aria-busy") === "true") return;
    button?.setAttribute("aria-busy", "true");
    const answer = await this.channel.send("chan", {
      cid: cid(),
      ch: this.channel.ch,
      rev: this.channel.channel.rev,
      op: "next",
    });
    button?.removeAttribute("aria-busy");
    if (!answer) say(words(this.root, "offline"));
    else if (!answer.ok) say(answer.error.code === "conflict" ? words(this.root, "conflict") : answer.error.message);
  }

  draw() {
    const all = [...this.channel.questions.values()];
    this.fill("now", all.find((question) => question.state === "answering"), "nobody");
    this.fill("next", upNext(all), "none");
  }

  fill(name, question, nothing) {
    this.root.querySelector(`p[data-${name}]`).textContent = question ? question.body : words(this.root, nothing);
    this.root.querySelector(`[data-${name}-no]`).textContent = question ? words(this.root, "number", question) : "";
  }
}

for (const root of document.querySelectorAll("[data-presenter]")) new Presenter(root);
