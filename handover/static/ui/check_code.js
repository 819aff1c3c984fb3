// @ts-check
/** Eight digits to read aloud: the same for everybody unless somebody sits in between. */

import { find } from "./dom.js";

/** Shows the code, and a warning when a fingerprint or the signed roster does not fit. */
export function showCheckCode(/** @type {HTMLElement} */ root, /** @type {import("../../signaling/room.js").Room} */ room) {
  const draw = (/** @type {{code: string | null, trusted: boolean}} */ { code, trusted }) => {
    find("[data-code-digits]", root).textContent = code ?? "";
    find("[data-code-later]", root).hidden = code !== null;
    find("[data-not-trusted]").hidden = trusted;
  };
  draw({ code: room.code, trusted: true });
  room.addEventListener("code", (event) => draw(/** @type {CustomEvent} */ (event).detail));
}
