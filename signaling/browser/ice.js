// @ts-check
/** The STUN and TURN servers of this seat, and new credentials before the old ones run out. */

const MARGIN = 120_000; // ms before the end
const BETWEEN = 10_500; // ms; the server answers one asking in ten seconds

export class Ice {
  /** @type {RTCIceServer[]} */ servers = [];
  relayOnly = false;
  #asked = -Infinity;
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #expiry;
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #pending;
  #ask;

  /** @param {() => void} ask */
  constructor(ask) {
    this.#ask = ask;
  }

  get canRelay() {
    return this.servers.some(({ urls }) => [urls].flat().some((url) => url.startsWith("turn")));
  }

  /** What `admitted` or `ice` brought; `lasts` in seconds, 0 for ever. */
  use(/** @type {{ice: RTCIceServer[], relay_only?: boolean, lasts?: number}} */ { ice, relay_only = false, lasts = 0 }) {
    this.servers = ice;
    this.relayOnly = relay_only;
    this.close();
    if (lasts <= 0) return;
    const left = lasts * 1000;
    // Not all seats of a large talk in the same second.
    const early = Math.max(left / 2, left - MARGIN) * (0.95 + Math.random() * 0.05);
    this.#expiry = setTimeout(() => this.renew(), Math.min(early, 2 ** 31 - 1));
  }

  /** Asks for new credentials; asked again before they came, it is one asking. */
  renew() {
    this.#pending ??= setTimeout(() => {
      this.#pending = undefined;
      this.#asked = performance.now();
      this.#ask();
    }, Math.max(0, this.#asked + BETWEEN - performance.now()));
  }

  close() {
    clearTimeout(this.#expiry);
    clearTimeout(this.#pending);
    this.#pending = undefined;
  }
}
