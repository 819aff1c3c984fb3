// @ts-check
/** For a host's page outside the room: who knocks in its rooms, and the two answers. */

import { Channel, VERSION } from "./channel.js";

/**
 * Events: `knocking` (detail: {room, talking, knocking}), `err` (detail: {code, about, detail}), `up` (forget what was
 * shown before: rooms in which nobody waits are not named again), `down`, `closed`.
 */
export class Watch extends EventTarget {
  #channel;

  constructor(/** @type {string} */ url) {
    super();
    this.#channel = new Channel(url, () => [{ type: "hello", version: VERSION }]);
    this.#channel.addEventListener("message", (event) => {
      const message = /** @type {CustomEvent} */ (event).detail;
      this.dispatchEvent(new CustomEvent(message.type, { detail: message }));
    });
    for (const type of ["up", "down", "closed"]) {
      this.#channel.addEventListener(type, () => this.dispatchEvent(new CustomEvent(type)));
    }
  }

  open() {
    this.#channel.open();
  }

  close() {
    this.#channel.close();
  }

  admit(/** @type {string} */ room, /** @type {string} */ participant) {
    this.#channel.send({ type: "admit", room, participant });
  }

  decline(/** @type {string} */ room, /** @type {string} */ participant) {
    this.#channel.send({ type: "decline", room, participant });
  }

  /** A message by its code to one who waits in that room, or to all who do or will. */
  notify(/** @type {string} */ room, /** @type {string} */ message, /** @type {string | undefined} */ participant) {
    this.#channel.send({ type: "notify", room, message, participant });
  }
}
