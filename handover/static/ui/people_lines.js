// @ts-check
/** Lines for people in a form: one more without a new page. */

import { copyOf, find } from "./dom.js";

/** Lets the button in `form` add a line at the end of `[data-people]`. */
export function addLines(/** @type {HTMLElement} */ form) {
  const lines = form.querySelector("[data-people]");
  form.querySelector("[data-add]")?.addEventListener("click", (event) => {
    if (!lines) return;
    event.preventDefault();
    const line = numbered(copyOf("person"), lines.children.length);
    lines.append(line);
    find("select, input:not([type='hidden'])", line).focus();
  });
}

/** @returns {HTMLElement} */
function numbered(/** @type {HTMLElement} */ line, /** @type {number} */ number) {
  for (const element of line.querySelectorAll("*")) {
    for (const attribute of element.attributes) {
      if (attribute.value.includes("NUMBER")) {
        element.setAttribute(attribute.name, attribute.value.replaceAll("NUMBER", String(number)));
      }
    }
  }
  return line;
}
