// @ts-check
/** What a host may say in a room. The server refuses it from anybody else. */

export class Hosting extends EventTarget {
  #say;

  /** @param {(message: object) => boolean} say */
  constructor(say) {
    super();
    this.#say = say;
  }

  admit(/** @type {string} */ participant) {
    this.#say({ type: "admit", participant });
  }

  decline(/** @type {string} */ participant) {
    this.#say({ type: "decline", participant });
  }

  remove(/** @type {string} */ participant) {
    this.#say({ type: "remove", participant });
  }

  /** Closes the room for everybody. */
  end() {
    this.#say({ type: "end" });
  }

  /** Notes who else is before this camera. */
  setCompany(/** @type {string[]} */ people) {
    this.#say({ type: "company", people });
  }

  /** A message by its code to one who waits, or to all who do; false when the line is down just now. */
  notify(/** @type {string} */ message, /** @type {string | undefined} */ participant) {
    return this.#say({ type: "notify", message, participant });
  }
}
