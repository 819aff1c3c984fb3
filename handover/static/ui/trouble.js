// @ts-check
/** Camera or microphone stopped in the middle of the talk, or the sound may not play: one button each. */

import { show } from "./announce.js";
import { find } from "./dom.js";
import { word } from "./words.js";

/** @typedef {import("../../signaling/media.js").Media} Media */

const KINDS = /** @type {const} */ (["camera", "microphone"]);

export class Trouble {
  #root;
  #media;
  #accepted;
  #tried = false;

  /**
   * @param {HTMLElement} root @param {Media} media
   * @param {{again: (wanted: {camera: boolean}) => unknown, life: AbortSignal}} options `again` comes after a press
   */
  constructor(root, media, { again, life }) {
    this.#root = root;
    this.#media = media;
    this.#accepted = { ...media.problems }; // they came in with these, and know
    media.addEventListener("change", () => this.#draw(), { signal: life });
    media.addEventListener("fallback", (event) => show("call-fallback", /** @type {CustomEvent} */ (event).detail), { signal: life });
    const press = (/** @type {string} */ name, /** @type {() => unknown} */ act) =>
      find(name, root).addEventListener("click", act, { signal: life });
    press("[data-connect-again]", async () => {
      const camera = this.#new.includes("camera");
      await again({ camera });
      this.#tried = true;
      this.#draw();
    });
    press("[data-go-on]", () => {
      this.#accepted = { ...media.problems };
      this.#draw();
    });
    life.addEventListener("abort", () => (root.hidden = true));
    this.#draw();
  }

  get #new() {
    return KINDS.filter((kind) => this.#media.problems[kind] && this.#media.problems[kind] !== this.#accepted[kind]);
  }

  #draw() {
    for (const kind of KINDS) if (!this.#media.problems[kind]) delete this.#accepted[kind];
    const broken = this.#new;
    if (!broken.length) this.#tried = false;
    const kind = broken.length > 1 ? "both" : broken[0];
    const lost = broken.every((one) => this.#media.problems[one] === "lost") && !this.#tried;
    const text = broken.length ? word(lost ? `call-${kind}-lost` : "call-failed") : "";
    const place = find("[data-trouble-text]", this.#root);
    if (place.textContent !== text) place.textContent = text;
    this.#root.hidden = !broken.length;
  }
}
