// @ts-check
/** The way to one other seat, through all its connections: how it is kept up, how good it is, what it carries. */

import { Healing } from "./healing.js";
import { Quality } from "./quality.js";
import { Steps } from "./sizes.js";
import { read } from "./stats.js";

const STILL = 2; // measurements without a packet of the other's picture

export class Line {
  /** @type {import("./peer.js").Peer | undefined} */ peer;
  quality = new Quality();
  steps = new Steps();
  receiving = true;
  /** @type {boolean | null} */ vouched = null; // whether the roster names the certificate that is used; null: not seen yet
  /** @type {import("./stats.js").Sample | undefined} */ sample;
  #still = 0;

  /** @param {string} id @param {(type: "restart" | "recreate") => boolean} ask @param {() => void} changed */
  constructor(id, ask, changed) {
    this.id = id;
    this.healing = new Healing(ask, changed);
  }

  /** A picture that stays away on a good connection is a state of its own: sound only. */
  get state() {
    const { state } = this.healing;
    return state === "connected" && !(this.steps.on && this.receiving) ? "sound-only" : state;
  }

  /** Another connection takes over; `begin` makes it. */
  make(/** @type {boolean} */ canRelay, /** @type {(relay: boolean) => import("./peer.js").Peer} */ begin) {
    this.peer?.close();
    this.sample = undefined;
    this.#still = 0;
    const plan = this.healing.make(canRelay);
    if (!plan.pictures) this.steps = new Steps(false);
    this.peer = begin(plan.relay);
    return this.peer;
  }

  /**
   * Takes one measurement; tells what changed by it.
   * @param {{expected: boolean, signing: boolean, screen: boolean, bits: number}} of whether the other's picture should be
   *   coming; whether one signs, or shows a screen; what the own picture asks for
   */
  async measure({ expected, signing, screen, bits }) {
    const { peer, sample: before } = this;
    const changed = { picture: false, state: false, quality: false };
    if (!peer?.up) return changed;
    const sample = await read(peer.connection, before).catch(() => null); // closed meanwhile
    if (!sample || peer !== this.peer || !peer.up) return changed;
    this.sample = sample;
    const now = performance.now();
    const state = this.state;
    this.#still = before && expected && sample.packets === before.packets ? this.#still + 1 : 0;
    this.receiving = this.#still < STILL;
    const { there: loss, available, source } = sample;
    const rate = screen ? null : sample.rate; // a screen has as many frames as changes
    changed.picture = this.steps.take({ loss, available, rate, source, bits }, now, signing);
    changed.quality = this.quality.take(sample.rtt, Math.max(sample.loss, sample.there), now);
    changed.state = this.state !== state;
    return changed;
  }

  close() {
    this.healing.close();
    this.peer?.close();
  }
}
