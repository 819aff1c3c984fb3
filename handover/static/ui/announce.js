// @ts-check
/** Says something small that needs no answer, without moving anything: aloud only, or for everybody to read. */

import { find } from "./dom.js";
import { word } from "./words.js";

export function say(/** @type {string} */ text) {
  if (text) find("[data-announce]").textContent = text;
}

const SHOWN_FOR = 10_000; // ms; nothing is lost with it: what it is about can be pressed again
/** @type {ReturnType<typeof setTimeout> | undefined} */ let gone;

/** In sight for a while, and read aloud: what a press led to when nothing else shows it. */
export function show(/** @type {string} */ name, /** @type {Record<string, string>} */ values = {}) {
  showText(word(name, values, ""));
}

/** The same for a sentence that the server wrote. */
export function showText(/** @type {string} */ text) {
  if (!text) return;
  const place = find("[data-told]");
  place.textContent = text;
  place.hidden = false;
  clearTimeout(gone);
  gone = setTimeout(() => (place.hidden = true), SHOWN_FOR);
}

/** The sentence with this name, aloud only: for what can be seen anyway. */
export function note(/** @type {string} */ name, /** @type {Record<string, string>} */ values = {}) {
  say(word(name, values, ""));
}
