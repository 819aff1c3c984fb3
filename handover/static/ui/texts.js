// @ts-check
/** Real-time text: every letter as it is written, lines that stay, and nothing kept but on this page (EN 301 549 6.2). */

import { copyOf, find } from "./dom.js";
import { word } from "./words.js";

/** @typedef {{participant: string, line: number, text: string, done: boolean}} Heard */

export class Texts {
  #root;
  #room;
  #button;
  #field;
  /** @type {Map<string, {line: number, row: HTMLElement}>} */ #unfinished = new Map();

  /**
   * @param {HTMLElement} root @param {import("../../signaling/room.js").Room} room
   * @param {HTMLElement | null} button says whether it is shown
   * @param {AbortSignal} life
   */
  constructor(root, room, button, life) {
    this.#root = root;
    this.#room = room;
    this.#button = button;
    this.#field = /** @type {HTMLTextAreaElement} */ (find("textarea", root));
    for (const left of root.querySelectorAll("[data-unfinished] > *")) this.#stay(/** @type {HTMLElement} */ (left));
    room.addEventListener("roster", () => this.#finishForThoseWhoLeft());
    this.#field.addEventListener("input", () => room.sendText(this.#line, { done: false }), { signal: life });
    this.#field.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.isComposing) return;
      event.preventDefault();
      this.#finish();
    }, { signal: life });
    find("form", root).addEventListener("submit", (event) => {
      event.preventDefault();
      this.#finish();
      this.#field.focus();
    }, { signal: life });
  }

  get #line() {
    return this.#field.value.replaceAll(/\s/g, " ");
  }

  #show(/** @type {boolean} */ on, focus = false) {
    this.#root.hidden = !on;
    this.#button?.setAttribute("aria-expanded", String(on));
    if (on && focus) this.#field.focus();
    this.#scroll();
    if (on) this.#root.scrollIntoView({ block: "nearest" });
  }

  /** Enter: the line is said, and the next one begins. */
  #finish() {
    const text = this.#line.trim();
    if (!text) return;
    this.#room.sendText(text, { done: true });
    this.#field.value = "";
    const row = this.#row(word("you"), text);
    row.classList.add("own");
    this.#stay(row);
  }

  /** The button: shows the panel and begins to write, or puts it away. */
  toggle() {
    this.#show(this.#root.hidden, true);
  }

  heard(/** @type {Heard} */ { participant, line, text, done }) {
    let open = this.#unfinished.get(participant);
    if (open && open.line !== line) {
      this.#close(participant); // its end was lost with a line
      open = undefined;
    }
    if (!open && !text) return;
    if (!open) {
      const name = this.#room.roster.find((entry) => entry.participant === participant)?.name ?? "";
      open = { line, row: this.#row(name, text) };
      this.#unfinished.set(participant, open);
      find("[data-unfinished]", this.#root).append(open.row);
      if (this.#root.hidden) this.#show(true); // somebody who writes may have no other way to be heard
    }
    find("[data-text]", open.row).textContent = text;
    if (done) this.#close(participant);
    this.#scroll();
  }

  #close(/** @type {string} */ participant) {
    const row = this.#unfinished.get(participant)?.row;
    this.#unfinished.delete(participant);
    if (row) this.#stay(row);
  }

  /** A finished line goes to the log, which is read aloud; one that was deleted altogether goes. */
  #stay(/** @type {HTMLElement} */ row) {
    row.querySelector("[data-writing]")?.remove();
    if (find("[data-text]", row).textContent) find("[data-finished]", this.#root).append(row);
    else row.remove();
    this.#scroll();
  }

  #finishForThoseWhoLeft() {
    const here = new Set(this.#room.roster.map((entry) => entry.participant));
    for (const participant of this.#unfinished.keys()) if (!here.has(participant)) this.#close(participant);
  }

  #row(/** @type {string} */ name, /** @type {string} */ text) {
    const row = copyOf("written");
    find(".who", row).textContent = name;
    find("[data-text]", row).textContent = text;
    return row;
  }

  #scroll() {
    const box = find("[data-written]", this.#root);
    box.scrollTop = box.scrollHeight;
  }
}
