/**
 * Words come from the page, never from a script: an element carries them as data attributes
 * (`data-watching-one="%(num)s watching"`, `data-watching-other="..."`) or as <template> elements.
 */

const language = document.documentElement.lang || "fi";
const plural = new Intl.PluralRules(language);
const figures = new Intl.NumberFormat(language);

/** The words `name` of `element` (data-name, written in camelCase here), with %(key)s places filled. */
export function words(element, name, values = {}) {
  const text = element.dataset[name] ?? "";
  return text.replace(/%\((\w+)\)[sd]/g, (whole, key) => (key in values ? String(values[key]) : whole));
}

/** The plural form of `name` for `num`: data-<name>-one or data-<name>-other, with %(num)s in it. */
export function count(element, name, num, values = {}) {
  const form = plural.select(num) === "one" ? "One" : "Other";
  const key = `${name}${form}` in element.dataset ? `${name}${form}` : name;
  return words(element, key, { num: figures.format(num), ...values });
}

/** A number as this language writes it. */
export function figure(num) {
  return figures.format(num);
}

/** A deep copy of the one element inside `<template id>`, ready to be filled. */
export function copy(id) {
  return document.getElementById(id).content.firstElementChild.cloneNode(true);
}
