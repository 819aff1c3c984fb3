// @ts-check
/** What is tried for a connection that does not come up or broke, after how long, and what the page may say meanwhile. */

/**
 * @typedef {"connecting" | "connected" | "restarting" | "recreating" | "relaying" | "sound-only" | "lost" | "gone"} PeerState
 * @typedef {{state: PeerState, relay: boolean, pictures: boolean, patience: number}} Plan
 */

const BROKEN = 3000; // ms; `disconnected` often heals by itself, after this it rarely does
const RESTART = 6000;
const MAKE = 6000;
const SLOW = 15_000;
/** A busy machine connects late but steadily: while there is progress it is not thrown back to the start. */
const PROGRESS = 2500;
const LONGEST = 20_000;
const AGAIN = 1000; // while there is no line to the server to ask on

/** What the `made`-th connection since the last good one tries. @returns {Plan} */
export function planFor(/** @type {number} */ made, /** @type {boolean} */ canRelay) {
  if (made === 0) return { state: "connecting", relay: false, pictures: true, patience: MAKE };
  if (made <= 2) return { state: "recreating", relay: false, pictures: true, patience: MAKE };
  if (made === 3 && canRelay) return { state: "relaying", relay: true, pictures: true, patience: MAKE };
  if (made <= (canRelay ? 4 : 3)) return { state: "sound-only", relay: canRelay, pictures: false, patience: MAKE };
  // For good measure both ways by turns: networks come back, and relays do.
  return { state: "lost", relay: canRelay && made % 2 === 0, pictures: false, patience: SLOW };
}

/** Looks after the connection with one other seat, through all its generations. */
export class Healing {
  /** @type {PeerState | null} */ state = null;
  #made = 0;
  /** @type {RTCPeerConnectionState | null} */ #connection = null;
  #begun = 0;
  #moved = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #timer;
  #ask;
  #tell;

  /**
   * @param {(type: "restart" | "recreate") => boolean} ask false when it cannot be said now
   * @param {(state: PeerState) => void} tell
   */
  constructor(ask, tell) {
    this.#ask = ask;
    this.#tell = tell;
  }

  /** A new connection is made: what it shall try. @returns {Plan} */
  make(/** @type {boolean} */ canRelay) {
    const plan = planFor(this.#made++, canRelay);
    this.#connection = null;
    this.#begun = this.#moved = performance.now();
    this.#become(plan.state);
    this.#in(plan.patience, () => this.#giveUp(plan.patience));
    return plan;
  }

  /** Something moved in negotiation. */
  moved() {
    this.#moved = performance.now();
  }

  changed(/** @type {RTCPeerConnectionState} */ connection) {
    this.moved();
    if (connection === this.#connection) return;
    this.#connection = connection;
    if (connection === "connected") {
      clearTimeout(this.#timer);
      this.#made = 1;
      this.#become("connected");
    } else if (this.state === "connected") {
      if (connection === "disconnected") this.#in(BROKEN, () => this.#restart());
      else if (connection === "failed") this.#restart();
    } else if (connection === "failed" && this.state !== "lost") {
      // Not at once when it failed at once, or two ends would make connections as fast as they can.
      this.#in(Math.max(0, this.#begun + AGAIN - performance.now()), () => this.#recreate());
    }
  }

  /** The line to the server is back: what failed without it says nothing about the way to the other. */
  up() {
    this.#made = Math.min(this.#made, 1);
  }

  /** Nothing more is tried: who is at the other end is not who the room says. */
  abandon() {
    this.close();
    this.#become("lost");
  }

  close() {
    clearTimeout(this.#timer);
  }

  #giveUp(/** @type {number} */ patience) {
    const now = performance.now();
    if (now - this.#moved < PROGRESS && now - this.#begun < LONGEST) this.#in(PROGRESS, () => this.#giveUp(patience));
    else this.#recreate(patience);
  }

  #restart() {
    if (!this.#ask("restart")) return this.#in(AGAIN, () => this.#restart());
    this.#become("restarting");
    this.#in(RESTART, () => this.#recreate());
  }

  /** Asks until there is an answer: the answer is a `make`. */
  #recreate(patience = MAKE) {
    const asked = this.#ask("recreate");
    this.#in(asked ? patience : AGAIN, () => this.#recreate(patience));
  }

  #in(/** @type {number} */ delay, /** @type {() => void} */ then) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(then, delay);
  }

  #become(/** @type {PeerState} */ state) {
    if (state === this.state) return;
    this.state = state;
    this.#tell(state);
  }
}
