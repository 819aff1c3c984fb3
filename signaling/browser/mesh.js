// @ts-check
/** One connection for each other seat. The server says who offers; whatever does not come up is healed or made anew. */

import { FirstFrame } from "./first_frame.js";
import { Ice } from "./ice.js";
import { identity } from "./identity.js";
import { Line } from "./line.js";
import { Peer } from "./peer.js";
import { ownLevel } from "./quality.js";
import { encodingFor, sizeFor } from "./sizes.js";

const MEASURE = 2000; // ms
const LATE_ROSTER = 2000;

/**
 * @typedef {{participant: string, pictures: boolean, camera: boolean, sharing?: boolean, away: boolean,
 *   fingerprint?: string}} Entry
 */

/**
 * Events: `stream` ({participant, stream}), `peer` ({participant, state, sending, receiving}), `quality` ({participant,
 * level, rtt, loss}), `size` (the picture's new size), `trust` ({fingerprints, fits}), `report` ({first_frame, relayed}),
 * `trouble` ({participant, error}).
 */
export class Mesh extends EventTarget {
  /** @type {import("./peer.js").Tracks} */ tracks = { audio: null, video: null, screen: false };
  size = sizeFor(2);
  signing = false;
  /** @type {RTCCertificate[] | undefined} */ #certificates;
  #fingerprint = "";
  #me = "";
  /** @type {import("./quality.js").Level | ""} */ #own = "";
  /** @type {Map<string, Entry>} */ #roster = new Map();
  /** @type {Map<string, Line>} */ #lines = new Map();
  /** @type {Set<Peer>} */ #refused = new Set();
  /** @type {(() => void)[]} */ #doubts = [];
  /** @type {ReturnType<typeof setInterval> | undefined} */ #measuring;
  #firstFrame = new FirstFrame(() => [...this.#lines.values()].some(({ peer }) => peer?.seen));
  #busy = false;
  #ice = new Ice(() => this.send({ type: "turn" }));

  /** @param {(message: object) => boolean} send */
  constructor(send) {
    super();
    this.send = send;
  }

  /** The certificate of all connections to come; its fingerprint is for `hello`. */
  async identify() {
    const { certificates, fingerprint } = await identity;
    this.#certificates = certificates;
    return (this.#fingerprint = fingerprint);
  }

  /** Servers, also new ones in the middle of a talk: for the next time that a way is looked for. */
  useIce(/** @type {{ice: RTCIceServer[], relay_only?: boolean, lasts?: number}} */ message) {
    this.#ice.use(message);
    for (const { peer } of this.#lines.values()) {
      if (!peer) continue;
      peer.reconfigure();
      if (this.#refused.has(peer)) this.#tryAgain(peer);
    }
    this.#refused.clear();
  }

  /** `make`: whatever there was with this peer is over. */
  make(/** @type {{peer: string, generation: number, offerer: string}} */ message) {
    const { peer: id, offerer } = message;
    const line = this.#lines.get(id) ?? this.#line(id);
    const peer = line.make(this.#ice.canRelay, (relay) => new Peer(this, message, relay));
    if (offerer !== id) peer.offer();
    this.#measuring ??= setInterval(() => this.#measure(), MEASURE);
    this.#firstFrame.wait();
  }

  /** `restart`: this side offers a new way for the same connection. */
  restart(/** @type {{peer: string, generation: number}} */ { peer, generation }) {
    this.#current({ from: peer, generation })?.restart();
  }

  description(/** @type {{from: string, generation: number, description: RTCSessionDescriptionInit}} */ message) {
    this.#lines.get(message.from)?.healing.moved();
    this.#current(message)?.described(message.description);
  }

  candidate(/** @type {{from: string, generation: number, candidate: RTCIceCandidateInit | null}} */ message) {
    this.#lines.get(message.from)?.healing.moved();
    this.#current(message)?.candidate(message.candidate);
  }

  /** The roster: closes connections to those who left, and sends the size that fits the number of devices. */
  fit(/** @type {Entry[]} */ roster, /** @type {string} */ me) {
    this.#me = me;
    this.#roster = new Map(roster.map((entry) => [entry.participant, entry]));
    for (const [id, line] of this.#lines) {
      if (this.#roster.has(id)) continue;
      line.close();
      this.#lines.delete(id);
      this.tell("peer", { participant: id, state: "gone" });
    }
    for (const settle of this.#doubts.splice(0)) settle();
    this.resize();
    this.#trust();
  }

  /** Another microphone, camera or screen, or none, towards everybody, without negotiating. */
  use(/** @type {import("./peer.js").Tracks} */ tracks) {
    this.tracks = tracks;
    // A camera's picture shrinks before it stutters; a screen's stutters before it can no longer be read.
    if (tracks.video) tracks.video.contentHint = tracks.screen ? "detail" : "motion";
    for (const { peer } of this.#lines.values()) peer?.replaceTracks();
  }

  /** Fits every picture to the room, the line and the camera as they are now. */
  resize() {
    const size = sizeFor(this.#roster.size, this.signing);
    const changed = JSON.stringify(size) !== JSON.stringify(this.size);
    this.size = size;
    if (changed) this.tell("size", size);
    for (const { peer } of this.#lines.values()) peer?.resize();
  }

  /** The connections that are up, for a socket that has just come back. */
  holding() {
    return [...this.#lines.values()].flatMap(({ peer }) =>
      peer?.up ? [{ peer: peer.id, generation: peer.generation, offerer: peer.offerer === peer.id ? peer.id : this.#me }] : [],
    );
  }

  holds(/** @type {string} */ id) {
    return this.#lines.get(id)?.peer?.up ?? false;
  }

  /** The line to the server is back. */
  up() {
    for (const { healing } of this.#lines.values()) healing.up();
  }

  /** @returns {RTCPeerConnection | undefined} for a page that reads statistics */
  connection(/** @type {string} */ id) {
    return this.#lines.get(id)?.peer?.connection;
  }

  /** How loud a peer's sound is, as its samples are: 0 to 1. */
  sound(/** @type {string} */ id) {
    return this.#lines.get(id)?.peer?.sound ?? 0;
  }

  close() {
    clearInterval(this.#measuring);
    this.#firstFrame.close();
    this.#ice.close();
    for (const line of this.#lines.values()) line.close();
    this.#lines.clear();
  }

  tell(/** @type {string} */ type, /** @type {unknown} */ detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }

  /** For a peer: how to connect. @returns {RTCConfiguration} */
  configuration(/** @type {boolean} */ relay) {
    const policy = relay || this.#ice.relayOnly ? "relay" : "all";
    return { iceServers: this.#ice.servers, iceTransportPolicy: policy, certificates: this.#certificates, bundlePolicy: "max-bundle" };
  }

  /** For a peer: what its picture may cost. */
  encoding(/** @type {string} */ id) {
    const { step = 0, on = true } = this.#lines.get(id)?.steps ?? {};
    const { video, screen } = this.tracks;
    const active = on && (this.#roster.get(id)?.pictures ?? true);
    return encodingFor({ size: this.size, step, active, screen, track: video?.getSettings() ?? {} });
  }

  /** For a peer: whether the roster names this certificate. A roster that is just on its way is waited for. */
  async vouches(/** @type {string} */ id, /** @type {string} */ fingerprint) {
    const line = this.#lines.get(id);
    for (const end = performance.now() + LATE_ROSTER; line; ) {
      const named = this.#roster.get(id)?.fingerprint;
      if (this.#roster.has(id) && (!named || named === fingerprint)) {
        line.vouched = Boolean(named); // nobody vouches for an older page; the code still tells
        return true;
      }
      const left = end - performance.now();
      if (left <= 0) break;
      await new Promise((settle) => {
        this.#doubts.push(() => settle(undefined));
        setTimeout(settle, left);
      });
    }
    return false;
  }

  /** For a peer: somebody else is at the other end. */
  distrust(/** @type {Peer} */ peer) {
    const line = this.#lines.get(peer.id);
    if (line?.peer !== peer) return;
    peer.close();
    line.vouched = false;
    line.healing.abandon();
    this.#trust();
  }

  /** For a peer: the relay did not take the credentials. */
  unauthorized(/** @type {Peer} */ peer) {
    if (peer.refreshed) return;
    peer.refreshed = true; // once for each attempt, however many addresses it tried
    if (peer.servers !== this.#ice.servers) return this.#tryAgain(peer); // newer ones came meanwhile
    this.#refused.add(peer);
    this.#ice.renew();
  }

  /** For a peer: something moved. */
  changed(/** @type {Peer} */ peer) {
    const line = this.#lines.get(peer.id);
    if (line?.peer !== peer) return;
    if (peer.up) peer.refreshed = false;
    line.healing.changed(peer.connection.connectionState);
    this.#trust();
  }

  /** With new credentials. What never came up may still be in its first offer, where a restart has no place. */
  #tryAgain(/** @type {Peer} */ { id, generation, up, wasUp }) {
    if (!up) this.send({ type: wasUp ? "restart" : "recreate", peer: id, generation });
  }

  #line(/** @type {string} */ id) {
    const ask = (/** @type {"restart" | "recreate"} */ type) => {
      const generation = this.#lines.get(id)?.peer?.generation;
      return this.send({ type, peer: id, generation });
    };
    const line = new Line(id, ask, () => this.#tellState(line));
    this.#lines.set(id, line);
    return line;
  }

  #tellState(/** @type {Line} */ line) {
    const { state, receiving, steps } = line;
    this.tell("peer", { participant: line.id, state, sending: steps.on, receiving });
    if (line.healing.state !== "connected" && line.healing.state !== "connecting" && line.quality.lost()) this.#tellQuality(line);
  }

  #tellQuality(/** @type {Line} */ { id, quality: { level, rtt, loss } }) {
    this.tell("quality", { participant: id, level, rtt, loss });
    const lines = [...this.#lines.values()];
    const own = ownLevel(lines.flatMap((line) => line.quality.level || []));
    if (own === this.#own) return;
    this.#own = own;
    const best = lines.find((line) => line.quality.level === own)?.quality;
    this.tell("quality", { participant: this.#me, level: own, rtt: best?.rtt ?? 0, loss: best?.loss ?? 0 });
  }

  async #measure() {
    if (this.#busy) return; // a slow device measures less often
    this.#busy = true;
    const mine = this.#roster.get(this.#me);
    for (const line of [...this.#lines.values()]) {
      const theirs = this.#roster.get(line.id);
      const expected = Boolean(theirs?.camera && !theirs.sharing && !theirs.away && mine?.pictures);
      const changed = await line.measure({ expected, signing: this.signing, screen: this.tracks.screen, bits: this.size.bits });
      if (changed.picture) line.peer?.resize();
      if (changed.state) this.#tellState(line);
      if (changed.quality) this.#tellQuality(line);
      if (!line.sample) continue;
      this.#firstFrame.report((first_frame) => this.tell("report", { first_frame, relayed: line.sample?.relayed ?? null }));
    }
    this.#busy = false;
  }

  #trust() {
    const others = [...this.#roster.keys()].filter((id) => id !== this.#me).map((id) => this.#lines.get(id));
    const fingerprints = [this.#fingerprint, ...others.map((line) => (line?.peer?.wasUp ? line.peer.fingerprint : ""))];
    const whole = others.length > 0 && fingerprints.every(Boolean);
    const mine = this.#roster.get(this.#me)?.fingerprint === this.#fingerprint;
    this.tell("trust", { fingerprints: whole ? fingerprints : null, fits: mine && others.every((line) => line?.vouched !== false) });
  }

  #current(/** @type {{from: string, generation: number}} */ { from, generation }) {
    const peer = this.#lines.get(from)?.peer;
    return peer?.generation === generation ? peer : undefined;
  }
}
