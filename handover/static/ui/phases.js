// @ts-check
/** One page, several moments: getting ready, waiting, in the talk, over. One of them shows at a time. */

import { find } from "./dom.js";
import { word } from "./words.js";

/** @typedef {"ready" | "waiting" | "call" | "over"} Phase */

/** Shows one moment and moves the focus to its heading, so that a screen reader follows. */
export function showPhase(/** @type {Phase} */ phase) {
  const page = document.documentElement;
  if (page.dataset.phase === phase) return;
  const first = !page.dataset.phase;
  page.dataset.phase = phase;
  page.classList.toggle("room", phase === "call");
  for (const part of document.querySelectorAll("[data-phase-of]")) {
    /** @type {HTMLElement} */ (part).hidden = /** @type {HTMLElement} */ (part).dataset.phaseOf !== phase;
  }
  if (first) return;
  const heading = document.querySelector(`[data-phase-of="${phase}"] [data-heading], [data-heading][data-phase-of="${phase}"]`);
  if (heading instanceof HTMLElement) heading.focus();
  scrollTo(0, 0);
}

/** The last words: why it is over and what one can do now. */
export function showEnding(/** @type {string} */ state, /** @type {Record<string, string>} */ values = {}) {
  find("[data-over-title]").textContent = word(`over-${state}`, values, word("over-left"));
  find("[data-over-text]").textContent = word(`over-${state}-next`, values, "");
  find("[data-again]").hidden = ["declined", "removed", "ended", "refused", "not-allowed"].includes(state);
  find("[data-new-link]").hidden = state !== "refused";
  showPhase("over");
}
