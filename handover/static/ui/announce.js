// @ts-check
/** Says something small that needs no answer: read aloud by a screen reader, without moving anything. */

import { find } from "./dom.js";
import { word } from "./words.js";

export function say(/** @type {string} */ text) {
  if (text) find("[data-announce]").textContent = text;
}

/** The sentence with this name, when the page has it. */
export function note(/** @type {string} */ name, /** @type {Record<string, string>} */ values = {}) {
  say(word(name, values, ""));
}
