// @ts-check
/** Copies the record's text with one press; where the browser refuses, marks it so that it can be copied by hand. */

import { find } from "../ui/dom.js";

const button = find("[data-copy]");
const text = /** @type {HTMLTextAreaElement} */ (find("[data-record]"));
button.hidden = false;
button.addEventListener("click", async () => {
  let done = true;
  try {
    await navigator.clipboard.writeText(text.value);
  } catch {
    text.select();
    done = document.execCommand("copy");
  }
  find("[data-copied]").textContent = (done ? button.dataset.done : button.dataset.failed) ?? "";
});
