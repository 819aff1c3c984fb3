// @ts-check
/** How it stands with one's own line: one plain sentence at a time, the worst first. */

import { find } from "./dom.js";
import { word } from "./words.js";

const PATIENCE = 5000; // ms without the server before anybody is told: the call itself goes on
const WORST_FIRST = ["lost", "relaying", "recreating", "restarting", "sound-only"];

export class Line {
  #room;
  #staff;
  #phones;
  /** @type {Map<string, {state: string, sending: boolean}>} */ #peers = new Map();
  #reconnecting = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #soon;

  /**
   * @param {import("../../signaling/room.js").Room} room
   * @param {{staff: boolean, phones: {own: string, ward: string}, life: AbortSignal}} options
   */
  constructor(room, { staff, phones, life }) {
    this.#room = room;
    this.#staff = staff;
    this.#phones = phones;
    room.addEventListener("state", () => this.#waitOrTell());
    room.addEventListener("roster", () => this.#draw());
    room.addEventListener("peer", (event) => {
      const { participant, state, sending = true, receiving = true } = /** @type {CustomEvent} */ (event).detail;
      if (state === "gone") this.#peers.delete(participant);
      else this.#peers.set(participant, { state: state === "sound-only" && receiving ? "connected" : state, sending });
      this.#draw();
    });
    room.addEventListener("quality", (event) => {
      const { participant, level } = /** @type {CustomEvent} */ (event).detail;
      if (participant === room.me?.participant) this.#ownLine(level);
    });
    life.addEventListener("abort", () => {
      clearTimeout(this.#soon);
      this.#show("");
    });
    this.#ownLine("");
    this.#draw();
  }

  #waitOrTell() {
    clearTimeout(this.#soon);
    this.#reconnecting = false;
    if (this.#room.state === "reconnecting") {
      this.#soon = setTimeout(() => {
        this.#reconnecting = true;
        this.#draw();
      }, PATIENCE);
    }
    this.#draw();
  }

  #draw() {
    this.#show(this.#sentence());
  }

  #sentence() {
    const others = this.#room.roster.filter((entry) => entry.participant !== this.#room.me?.participant && !entry.away);
    const lines = others.map((entry) => this.#peers.get(entry.participant) ?? { state: "connecting", sending: true });
    const states = lines.map(({ state }) => state);
    const lost = others.filter((_, at) => states[at] === "lost");
    if (lost.length && this.#staff) return word("line-lost-staff", { name: lost.map((entry) => entry.name).join(", ") });
    // What concerns one of several stands on that tile; what concerns all is one's own line.
    const all = WORST_FIRST.find((state) => states.includes(state) && !states.includes("connected"));
    if (all === "lost") {
      const { own, ward } = this.#phones;
      return own ? word("line-lost", { phone: own }) : word("line-lost-no-phone", { phone: ward });
    }
    if (all) return word(`line-${all}`);
    const seen = this.#room.roster.find((entry) => entry.participant === this.#room.me?.participant)?.camera;
    if (seen && lines.length && lines.every(({ sending }) => !sending)) return word("line-unseen");
    return this.#reconnecting ? word("line-reconnecting") : "";
  }

  #show(/** @type {string} */ sentence) {
    const place = find("[data-line]");
    if (place.textContent !== sentence) place.textContent = sentence;
    place.hidden = !sentence;
  }

  /** One's own line in words, beside who is here. */
  #ownLine(/** @type {string} */ level) {
    const place = document.querySelector("[data-own-line]");
    if (!(place instanceof HTMLElement)) return;
    const text = word(`own-line-${level}`, {}, "");
    place.hidden = !text;
    place.textContent = text;
  }
}
