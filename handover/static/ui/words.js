// @ts-check
/** The page's sentences: written by the server into `<template id="words">`, in the reader's language. */

/** @type {Map<string, string>} */
const sentences = new Map();
const template = /** @type {HTMLTemplateElement | null} */ (document.getElementById("words"));
for (const element of template?.content.querySelectorAll("[data-word]") ?? []) {
  sentences.set(/** @type {HTMLElement} */ (element).dataset.word ?? "", element.textContent ?? "");
}

/** The sentence with this name, its {braces} filled; `otherwise` when the page has none. */
export function word(/** @type {string} */ name, /** @type {Record<string, string | number>} */ values = {}, otherwise = "") {
  const sentence = sentences.get(name) ?? otherwise;
  return sentence.replace(/\{(\w+)\}/g, (whole, key) => String(values[key] ?? whole));
}
