// @ts-check
/** The socket to the server: dials, listens for a dead line, dials again. Knows nothing of rooms or pages. */

export const VERSION = 1; // of the protocol
export const DELAYS = [0, 300, 700, 1000, 2000, 4000, 7000];
const JITTER = 500;
const QUIET = 10_000; // nothing heard for so long: ask
const DEAD = 5_000; // no answer for so long: the line is dead
const DIALLING = 10_000; // some networks let a socket hang before it opens
const STEADY = 3_000; // a line that lived shorter counts as one more failure

/** After these the server has said its last word; dialling again by itself would only fight with another tab. */
export const final = (/** @type {number} */ code) => code === 1000 || code >= 4000;

/** Milliseconds to wait before an attempt. A quarter either way, so that a room full of tablets spreads with time. */
export function delayBefore(/** @type {number} */ attempt, random = Math.random) {
  return DELAYS[Math.min(attempt, DELAYS.length - 1)] * (0.75 + random() / 2) + random() * JITTER;
}

/**
 * Events: `up`; `message` (detail: the message); `down` (detail: milliseconds to the next attempt);
 * `closed` (detail: the close code, when no further attempt is made).
 */
export class Channel extends EventTarget {
  /** @type {WebSocket | null} */ #socket = null;
  #attempt = 0;
  #dialled = 0;
  #opened = 0;
  #heard = 0;
  #asked = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #retry;
  /** @type {ReturnType<typeof setInterval> | undefined} */ #watch;
  #url;
  #greeting;

  /**
   * @param {string} url
   * @param {() => object[]} greeting what to say first on every new socket
   */
  constructor(url, greeting) {
    super();
    this.#url = url;
    this.#greeting = greeting;
  }

  open() {
    clearTimeout(this.#retry);
    this.#hangUp(); // an attempt that hangs would take the seat from the one that comes through
    this.#dialled = performance.now();
    const socket = (this.#socket = new WebSocket(this.#url));
    socket.onopen = () => {
      this.#heard = this.#opened = performance.now();
      this.#asked = 0;
      for (const message of this.#greeting()) socket.send(JSON.stringify(message));
      this.#tell("up");
    };
    socket.onmessage = ({ data }) => {
      this.#heard = performance.now();
      const message = JSON.parse(data);
      if (message.type !== "pong") this.#tell("message", message);
    };
    socket.onclose = ({ code }) => this.#lost(code);
    clearInterval(this.#watch);
    this.#watch = setInterval(() => this.#listen(), DEAD);
    globalThis.addEventListener?.("online", this.#woken);
    globalThis.document?.addEventListener("visibilitychange", this.#woken);
  }

  /** Sends, or drops the message when the line is down: whoever needs it says it again when it is `up`. */
  send(/** @type {object} */ message) {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify(message));
    return true;
  }

  /** Says goodbye and stays away. */
  close() {
    this.send({ type: "bye" });
    this.#hangUp();
    this.#stop();
  }

  /** Cuts the line and dials again, as after a change of network. */
  redial() {
    this.#hangUp();
    this.#lost(1006);
  }

  /** Back from a tunnel or from sleep: the line may be dead without anybody having noticed. */
  #woken = () => {
    if (globalThis.document?.visibilityState === "hidden") return;
    if (this.#socket?.readyState === WebSocket.OPEN) this.#ask();
    else if (!this.#socket) this.open();
  };

  #listen() {
    const now = performance.now();
    if (this.#socket?.readyState === WebSocket.CONNECTING && now - this.#dialled >= DIALLING) return this.redial();
    if (this.#socket?.readyState !== WebSocket.OPEN) return;
    if (this.#asked > this.#heard) {
      // A throttled background tab runs this late: what counts is that the question went unanswered.
      if (now - this.#asked >= DEAD - 100) this.redial();
    } else if (now - this.#heard >= QUIET) this.#ask();
  }

  #ask() {
    if (this.#asked > this.#heard) return; // the first question is still open
    this.#asked = performance.now();
    this.send({ type: "ping" });
  }

  #hangUp() {
    const socket = this.#socket;
    this.#socket = null;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }

  #lost(/** @type {number} */ code) {
    this.#socket = null;
    if (final(code)) {
      this.#stop();
      this.#tell("closed", code);
      return;
    }
    if (this.#opened && performance.now() - this.#opened >= STEADY) this.#attempt = 0;
    this.#opened = 0;
    const delay = delayBefore(this.#attempt++);
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => this.open(), delay);
    this.#tell("down", delay);
  }

  #stop() {
    clearTimeout(this.#retry);
    clearInterval(this.#watch);
    globalThis.removeEventListener?.("online", this.#woken);
    globalThis.document?.removeEventListener("visibilitychange", this.#woken);
  }

  #tell(/** @type {string} */ type, /** @type {unknown} */ detail = undefined) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
