// @ts-check
/** One RTCPeerConnection for each other seat. The server says who offers; whatever does not come up is made anew. */

const WATCHDOG = 6000;
const BROKEN = 4000; // `disconnected` often heals by itself; after this it does not

/** The size for the number of devices: every one encodes its picture once for each other. Short side in pixels. */
const SIZES = [
  { devices: 3, side: 480, rate: 24, bits: 800_000 },
  { devices: 4, side: 360, rate: 20, bits: 350_000 },
];
const SPEECH_BITS = 32_000;

/**
 * @typedef {{audio: MediaStreamTrack | null, video: MediaStreamTrack | null}} Tracks
 * @typedef {{participant: string, pictures: boolean}} Entry
 */

/** Events: `stream` (detail: {participant, stream}), `peer` (detail: {participant, state}). */
export class Mesh extends EventTarget {
  /** @type {RTCIceServer[]} */ ice = [];
  /** @type {Tracks} */ tracks = { audio: null, video: null };
  devices = 2;
  /** @type {Map<string, Peer>} */ #peers = new Map();
  /** @type {Map<string, number>} */ #attempts = new Map();
  /** @type {Set<string>} */ #soundOnly = new Set();

  /** @param {(message: object) => boolean} send */
  constructor(send) {
    super();
    this.send = send;
  }

  /** `make`: whatever there was with this peer is over. */
  make(/** @type {{peer: string, generation: number, offerer: string}} */ { peer, generation, offerer }) {
    this.#peers.get(peer)?.close();
    const attempt = this.#attempts.get(peer) ?? 0;
    this.#attempts.set(peer, attempt + 1);
    const made = new Peer(this, peer, generation, attempt);
    this.#peers.set(peer, made);
    this.tell("peer", { participant: peer, state: "connecting" });
    if (offerer !== peer) made.offer();
  }

  description(/** @type {{from: string, generation: number, description: RTCSessionDescriptionInit}} */ message) {
    this.#current(message)?.described(message.description);
  }

  candidate(/** @type {{from: string, generation: number, candidate: RTCIceCandidateInit | null}} */ message) {
    this.#current(message)?.candidate(message.candidate);
  }

  /** The roster: closes connections to those who left, and sends the size that fits the number of devices. */
  fit(/** @type {Entry[]} */ roster, /** @type {string} */ me) {
    const present = new Set(roster.map((entry) => entry.participant));
    for (const [id, peer] of this.#peers) {
      if (present.has(id)) continue;
      peer.close();
      this.#peers.delete(id);
      this.#attempts.delete(id);
      this.tell("peer", { participant: id, state: "gone" });
    }
    const wanted = roster.filter((entry) => !entry.pictures && entry.participant !== me);
    this.#soundOnly = new Set(wanted.map((entry) => entry.participant));
    this.devices = roster.length;
    for (const peer of this.#peers.values()) peer.resize();
  }

  /** Another microphone or camera, or none, towards everybody, without negotiating. */
  use(/** @type {Tracks} */ tracks) {
    this.tracks = tracks;
    if (tracks.video) tracks.video.contentHint = "motion"; // the picture shrinks before it stutters
    for (const peer of this.#peers.values()) peer.replaceTracks();
  }

  /** The connections that are up, for a socket that has just come back. */
  holding() {
    return [...this.#peers.values()]
      .filter((peer) => peer.connection.connectionState === "connected")
      .map((peer) => ({ peer: peer.id, generation: peer.generation }));
  }

  /** @returns {RTCPeerConnection | undefined} for a page that reads statistics */
  connection(/** @type {string} */ id) {
    return this.#peers.get(id)?.connection;
  }

  close() {
    for (const peer of this.#peers.values()) peer.close();
    this.#peers.clear();
    this.#attempts.clear();
  }

  connected(/** @type {string} */ id) {
    this.#attempts.delete(id);
  }

  wantsPicture(/** @type {string} */ id) {
    return !this.#soundOnly.has(id);
  }

  tell(/** @type {string} */ type, /** @type {unknown} */ detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }

  #current(/** @type {{from: string, generation: number}} */ { from, generation }) {
    const peer = this.#peers.get(from);
    return peer?.generation === generation ? peer : undefined;
  }
}

class Peer {
  stream = new MediaStream();
  /** @type {Promise<unknown>} */ #chain = Promise.resolve();
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #timer;
  /** @type {RTCRtpTransceiver | undefined} */ #audio;
  /** @type {RTCRtpTransceiver | undefined} */ #video;

  /** @param {Mesh} mesh @param {string} id @param {number} generation @param {number} attempt */
  constructor(mesh, id, generation, attempt) {
    this.mesh = mesh;
    this.id = id;
    this.generation = generation;
    const connection = new RTCPeerConnection({ iceServers: mesh.ice, bundlePolicy: "max-bundle" });
    this.connection = connection;
    connection.onicecandidate = ({ candidate }) =>
      this.#say({ type: "candidate", candidate: candidate?.toJSON() ?? null });
    connection.ontrack = ({ track }) => {
      this.stream.addTrack(track);
      mesh.tell("stream", { participant: id, stream: this.stream });
    };
    connection.onconnectionstatechange = () => this.#changed();
    this.#recreateIn(WATCHDOG * Math.min(attempt + 1, 5));
  }

  offer() {
    this.#inTurn(async () => {
      const { audio, video } = this.mesh.tracks;
      this.#audio = this.connection.addTransceiver(audio ?? "audio", { direction: "sendrecv" });
      this.#video = this.connection.addTransceiver(video ?? "video", {
        direction: "sendrecv",
        sendEncodings: [this.#encoding()],
      });
      await this.#describe();
    });
  }

  described(/** @type {RTCSessionDescriptionInit} */ description) {
    this.#inTurn(async () => {
      await this.connection.setRemoteDescription(description);
      if (description.type === "offer") {
        for (const transceiver of this.connection.getTransceivers()) {
          transceiver.direction = "sendrecv";
          if (transceiver.receiver.track.kind === "audio") this.#audio = transceiver;
          else this.#video = transceiver;
        }
        await this.#replace();
        await this.#describe();
      }
      await this.#limit();
    });
  }

  candidate(/** @type {RTCIceCandidateInit | null} */ candidate) {
    this.#inTurn(() => this.connection.addIceCandidate(candidate ?? undefined));
  }

  replaceTracks() {
    this.#inTurn(() => this.#replace());
  }

  resize() {
    this.#inTurn(() => this.#limit());
  }

  close() {
    clearTimeout(this.#timer);
    this.connection.onconnectionstatechange = this.connection.ontrack = this.connection.onicecandidate = null;
    this.connection.close();
  }

  async #describe() {
    await this.connection.setLocalDescription();
    const description = this.connection.localDescription;
    if (description) this.#say({ type: "description", description: description.toJSON() });
  }

  async #replace() {
    const { audio, video } = this.mesh.tracks;
    await Promise.all([this.#audio?.sender.replaceTrack(audio), this.#video?.sender.replaceTrack(video)]);
  }

  /** What the picture may cost in this company. */
  #encoding() {
    const { side, rate, bits } = SIZES.find((size) => this.mesh.devices <= size.devices) ?? SIZES[SIZES.length - 1];
    const { width = side, height = side } = this.mesh.tracks.video?.getSettings() ?? {};
    return {
      active: this.mesh.wantsPicture(this.id),
      maxBitrate: bits,
      maxFramerate: rate,
      scaleResolutionDownBy: Math.max(1, Math.min(width, height) / side),
    };
  }

  async #limit() {
    if (this.connection.signalingState !== "stable" || !this.#video || !this.#audio) return;
    const picture = this.#video.sender.getParameters();
    const sound = this.#audio.sender.getParameters();
    if (!picture.encodings[0] || !sound.encodings[0]) return;
    const wanted = this.#encoding();
    const now = /** @type {Record<string, unknown>} */ (/** @type {unknown} */ (picture.encodings[0]));
    if (Object.entries(wanted).every(([name, value]) => now[name] === value) && sound.encodings[0].maxBitrate) return;
    Object.assign(picture.encodings[0], wanted);
    // @ts-ignore: in the standard, not in every browser's types
    picture.degradationPreference = "maintain-framerate";
    Object.assign(sound.encodings[0], { maxBitrate: SPEECH_BITS, priority: "high", networkPriority: "high" });
    await Promise.all([this.#video.sender.setParameters(picture), this.#audio.sender.setParameters(sound)]);
  }

  #changed() {
    const state = this.connection.connectionState;
    if (state === "connected") {
      clearTimeout(this.#timer);
      this.mesh.connected(this.id);
    } else if (state === "disconnected") this.#recreateIn(BROKEN);
    else if (state === "failed") this.#recreateIn(0);
    else return;
    this.mesh.tell("peer", { participant: this.id, state });
  }

  /** Asks until there is an answer: the answer is a `make`, which closes this very peer. */
  #recreateIn(/** @type {number} */ delay) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.mesh.send({ type: "recreate", peer: this.id, generation: this.generation });
      this.#recreateIn(WATCHDOG);
    }, delay);
  }

  #say(/** @type {object} */ message) {
    this.mesh.send({ to: this.id, generation: this.generation, ...message });
  }

  /** One step at a time; a step that fails on a closed or confused connection is left to the watchdog. */
  #inTurn(/** @type {() => Promise<unknown>} */ step) {
    this.#chain = this.#chain.then(() => (this.connection.signalingState === "closed" ? undefined : step())).catch((error) => {
      if (this.connection.signalingState !== "closed") this.mesh.tell("trouble", { participant: this.id, error });
    });
  }
}
