// @ts-check
/** One RTCPeerConnection of one generation to one other seat. Only the offerer offers, also to restart ICE. */

import { fingerprintOf } from "./identity.js";
import { SPEECH_BITS } from "./sizes.js";

const SPEECH = { maxBitrate: SPEECH_BITS, priority: "high", networkPriority: "high" };
const UNAUTHORIZED = 401; // by the TURN server: its credentials have run out

/**
 * @typedef {{audio: MediaStreamTrack | null, video: MediaStreamTrack | null, screen: boolean}} Tracks
 * @typedef {{
 *   configuration: (relay: boolean) => RTCConfiguration,
 *   tracks: Tracks,
 *   encoding: (id: string) => RTCRtpEncodingParameters,
 *   vouches: (id: string, fingerprint: string) => Promise<boolean>,
 *   send: (message: object) => boolean,
 *   tell: (type: string, detail: unknown) => void,
 *   changed: (peer: Peer) => void,
 *   unauthorized: (peer: Peer) => void,
 *   distrust: (peer: Peer) => void,
 * }} Context what a connection needs of the mesh that it belongs to
 */

export class Peer {
  stream = new MediaStream();
  fingerprint = ""; // of the certificate that the other end really uses
  wasUp = false;
  refreshed = false; // asked for new TURN credentials already
  /** @type {Promise<unknown>} */ #chain = Promise.resolve();
  /** @type {Map<RTCRtpTransceiver, string>} */ #limits = new Map();
  /** @type {RTCRtpTransceiver | undefined} */ #audio;
  /** @type {RTCRtpTransceiver | undefined} */ #video;

  /** @param {Context} mesh @param {{peer: string, generation: number, offerer: string}} made @param {boolean} relay */
  constructor(mesh, { peer, generation, offerer }, relay) {
    this.mesh = mesh;
    this.id = peer;
    this.generation = generation;
    this.offerer = offerer;
    this.relay = relay;
    const configuration = mesh.configuration(relay);
    this.servers = configuration.iceServers;
    const connection = new RTCPeerConnection(configuration);
    this.connection = connection;
    connection.onicecandidate = ({ candidate }) =>
      this.#say({ type: "candidate", candidate: candidate?.toJSON() ?? null });
    connection.onicecandidateerror = ({ errorCode }) => {
      if (errorCode === UNAUTHORIZED) mesh.unauthorized(this);
    };
    connection.ontrack = ({ track }) => {
      this.stream.addTrack(track);
      mesh.tell("stream", { participant: peer, stream: this.stream });
    };
    connection.onconnectionstatechange = connection.oniceconnectionstatechange = connection.onsignalingstatechange = () => {
      this.wasUp ||= connection.connectionState === "connected";
      mesh.changed(this);
    };
  }

  get up() {
    return this.connection.connectionState === "connected";
  }

  offer() {
    this.#inTurn(async () => {
      const { audio, video } = this.mesh.tracks;
      const speech = /** @type {RTCRtpEncodingParameters} */ (SPEECH);
      this.#audio = this.connection.addTransceiver(audio ?? "audio", { direction: "sendrecv", sendEncodings: [speech] });
      const picture = this.mesh.encoding(this.id);
      this.#video = this.connection.addTransceiver(video ?? "video", { direction: "sendrecv", sendEncodings: [picture] });
      await this.#describe();
    });
  }

  /** A new way between the same two, in the same generation: pictures go on where they were. */
  restart() {
    this.#inTurn(async () => {
      if (this.connection.signalingState !== "stable") return; // still on its first way
      this.connection.restartIce();
      await this.#describe();
    });
  }

  described(/** @type {RTCSessionDescriptionInit} */ description) {
    this.#inTurn(async () => {
      const fingerprint = fingerprintOf(description.sdp ?? "");
      if (!(await this.mesh.vouches(this.id, fingerprint))) return this.mesh.distrust(this);
      this.fingerprint = fingerprint;
      await this.connection.setRemoteDescription(description);
      if (description.type === "offer") {
        for (const transceiver of this.connection.getTransceivers()) {
          transceiver.direction = "sendrecv";
          if (transceiver.receiver.track.kind === "audio") this.#audio = transceiver;
          else this.#video = transceiver;
        }
        await this.#limit(); // before there is a picture, or the first ones would be too large
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
    this.#inTurn(async () => {
      await this.#limit();
      await this.#replace();
    });
  }

  resize() {
    this.#inTurn(() => this.#limit());
  }

  /** Servers for the next time that ICE is restarted; what runs is left alone. */
  reconfigure() {
    const { iceServers, iceTransportPolicy } = this.mesh.configuration(this.relay);
    this.connection.setConfiguration({ ...this.connection.getConfiguration(), iceServers, iceTransportPolicy });
  }

  /** How loud the other end is now, 0 to 1 as its samples are, and whether a picture has come. */
  get sound() {
    const [newest] = this.#audio?.receiver.getSynchronizationSources() ?? [];
    return this.up ? (newest?.audioLevel ?? 0) : 0;
  }

  get seen() {
    return (this.#video?.receiver.getSynchronizationSources().length ?? 0) > 0;
  }

  close() {
    const { connection } = this;
    connection.onconnectionstatechange = connection.oniceconnectionstatechange = connection.onsignalingstatechange = null;
    connection.ontrack = connection.onicecandidate = connection.onicecandidateerror = null;
    connection.close();
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

  /** What sound and picture may cost now; sound goes first on a narrow line. */
  async #limit() {
    await this.#set(this.#audio, SPEECH);
    await this.#set(this.#video, this.mesh.encoding(this.id), this.mesh.tracks.screen ? "maintain-resolution" : "maintain-framerate");
  }

  async #set(/** @type {RTCRtpTransceiver | undefined} */ transceiver, /** @type {object} */ wanted, preference = "") {
    const parameters = /** @type {any} */ (transceiver?.sender.getParameters());
    if (!transceiver || !parameters.encodings[0]) return; // sound has none before its first answer
    // Compared with what was asked for, since no browser gives back all that it was given.
    const said = JSON.stringify([wanted, preference]);
    if (this.#limits.get(transceiver) === said) return;
    Object.assign(parameters.encodings[0], wanted);
    if (preference) parameters.degradationPreference = preference;
    await transceiver.sender.setParameters(parameters);
    this.#limits.set(transceiver, said);
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
