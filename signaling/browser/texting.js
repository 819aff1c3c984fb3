// @ts-check
/** Real-time text: the line as it stands goes out while it is typed, and its last state always arrives. */

const EVERY = 300; // ms; a reader within a second needs no more, and a server's patience is not for keystrokes
const LONGEST = 1000; // characters
const KEPT = 50; // lines while the line is down

export class Texting {
  // Others know a line by its number, also one from before this page was loaded anew.
  #line = Math.floor(Date.now() / 1000);
  /** @type {Map<number, {text: string, done: boolean}>} */ #unsent = new Map();
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #timer;
  #send;

  /** @param {(message: object) => boolean} send false when it could not be said now */
  constructor(send) {
    this.#send = send;
  }

  /** The whole current line, after every keystroke; `done` begins the next one. */
  type(/** @type {string} */ text, { done = false } = {}) {
    this.#unsent.set(this.#line, { text: [...text].slice(0, LONGEST).join(""), done });
    if (this.#unsent.size > KEPT) this.#unsent.delete(this.#unsent.keys().next().value ?? 0);
    if (done) this.#line++;
    if (done || !this.#timer) this.flush();
  }

  /** Says what has not been said, now; also when the line to the server is back. */
  flush() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const some = this.#unsent.size > 0;
    for (const [line, state] of this.#unsent) {
      if (!this.#send({ type: "text", line, ...state })) return; // said when the line is up again
      this.#unsent.delete(line);
    }
    if (some) this.#timer = setTimeout(() => this.flush(), EVERY);
  }
}
