/**
 * What a question's card has in common wherever it is drawn: texts that change only when they differ, controls that
 * fit its state, and words being written that nothing may take away.
 */

import { copy, count } from "../words.js";

export function set(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

export function attribute(element, name, value) {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}

/** The key of a word in camel case: off_topic -> OffTopic. */
export function camel(word) {
  return word.split("_").map((part) => part[0].toUpperCase() + part.slice(1)).join("");
}

/** Draw the written answers under a question, only where they differ. */
export function answers(item, replies, hosts) {
  const wanted = replies.map((reply) => `${reply.id}\n${reply.by}\n${reply.body}`).join("\n\n");
  if ((item.dataset.replies ?? "") === wanted && item.querySelectorAll(":scope > .answer").length === replies.length) return;
  item.dataset.replies = wanted;
  for (const old of item.querySelectorAll(":scope > .answer")) old.remove();
  const before = item.querySelector(":scope > :is(.row, .acts, .more, .moment)");
  for (const reply of replies) {
    const answer = copy("answer");
    answer.querySelector("b").textContent = reply.by || hosts;
    answer.querySelector("span").textContent = reply.body;
    item.insertBefore(answer, before);
  }
}

/** Leave of the controls those that are for a question in this state. */
export function prune(controls, state) {
  for (const control of [...controls.querySelectorAll("[data-in]")]) {
    if (!control.dataset.in.split(" ").includes(state)) control.remove();
  }
  return controls;
}

/** Whether somebody is writing in it: then nothing in it may be drawn anew. */
export function written(root) {
  return [...root.querySelectorAll("input:not([type=hidden]), textarea, select")].some((field) => {
    if (!(field instanceof HTMLSelectElement)) return field.value !== field.defaultValue;
    return field.selectedIndex !== Math.max(0, [...field.options].findIndex((option) => option.defaultSelected));
  });
}

/** The fields of a form as plain values. */
export function values(form, submitter) {
  return Object.fromEntries(new FormData(form, submitter));
}

/** A button that works is busy meanwhile, so that a second press is not a second command. */
export async function press(button, work) {
  if (button?.getAttribute("aria-busy") === "true") return;
  button?.setAttribute("aria-busy", "true");
  try {
    await work();
  } finally {
    button?.removeAttribute("aria-busy");
  }
}

/** How many are here, wherever the page tells it. */
export function showPresent(ch, n) {
  for (const element of document.querySelectorAll(`[data-present="${CSS.escape(ch)}"]`)) {
    set(element, count(element, "present", n));
    element.hidden = n === 0;
  }
}
