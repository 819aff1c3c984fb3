// @ts-check
/** The client's view of one room: what state one is in, who is there, and what they send. Never touches the page. */

import { Channel, VERSION } from "./channel.js";
import { Trust } from "./check_code.js";
import { thisDevice } from "./device.js";
import { Hosting } from "./hosting.js";
import { Mesh } from "./mesh.js";
import { Roster } from "./roster.js";
import { Screen } from "./screen.js";
import { loudness } from "./sound.js";
import { Texting } from "./texting.js";

/**
 * @typedef {"connecting" | "waiting" | "admitted" | "reconnecting" | "left" | "declined" | "removed" | "replaced"
 *   | "ended" | "refused" | "not-allowed" | "full" | "outdated"} State
 * @typedef {{participant: string, name: string, role: string, organisation: string, relation: string, admits: boolean,
 *   away: boolean, microphone: boolean, camera: boolean, pictures: boolean, hand: boolean, sharing: boolean,
 *   signing: boolean, quality: import("./quality.js").Level | "", fingerprint: string, speaks_for: string,
 *   company: string[]}} RosterEntry
 * @typedef {{participant: string, name: string, role: string, relation: string, link: string, second_device: boolean,
 *   away: boolean, since: number}} KnockingEntry
 */

/** @type {Record<number, State>} */
const CLOSED = { 1000: "left", 4001: "replaced", 4401: "refused", 4403: "not-allowed", 4409: "full", 4410: "ended", 4426: "outdated" };
const GOODBYES = ["declined", "removed", "replaced", "ended"];

/**
 * Events, each with a detail: `state` ({state, reason}), `roster` (RosterEntry[]), `knocking` ({room, state, talking,
 * knocking}), `notice` ({message}: a code from the hosts, empty when it is withdrawn), `stream` ({participant, stream}),
 * `peer` ({participant, state: connecting | connected | restarting | recreating | relaying | sound-only | lost | gone,
 * sending, receiving: whether pictures go each way}), `quality` ({participant, level, rtt, loss}: of a line, one's own by
 * one's own id), `code` ({code, trusted}), `text` ({participant, line, text, done}), `sharing` ({on}), `event` (the
 * owner's payload), `err` ({code, about, detail}), `trouble` ({participant, error}: a step of negotiation failed and the
 * watchdog will see to it). A room that is over stays so: coming back is a new `Room`.
 */
export class Room extends Hosting {
  /** @type {State} */ state = "connecting";
  /** @type {{participant: string, name: string, role: string, admits: boolean} | null} */ me = null;
  /** @type {KnockingEntry[]} */ knocking = [];
  pictures = true;
  hand = false;
  signing = false;
  #media;
  #hello;
  #knock;
  #mesh;
  #channel;
  #trust;
  #screen;
  #texting = new Texting((message) => this.state === "admitted" && this.#channel.send(message));
  #reason = "";
  #said = "";
  #quality = "";
  #cameraBefore = true;
  #present = new Roster((participant) => this.#mesh.holds(participant), () => this.#gathered());

  /**
   * @param {{url: string, media: import("./media.js").Media, token?: string, name?: string, relation?: string,
   *   rosterKey?: string, room?: string}} options `token` for guests; staff are known by the session that opens the
   *   socket. `rosterKey` is the owner's public key (base64 SPKI), `room` the id that it signs with: the part before the
   *   last of the address when not given
   */
  constructor({ url, media, token, name = "", relation = "", rosterKey = "", room = new URL(url).pathname.split("/").at(-2) ?? "" }) {
    super((message) => this.#channel.send(message));
    this.#media = media;
    this.#hello = { type: "hello", version: VERSION, token, device: thisDevice(), fingerprint: "" };
    this.#knock = { type: "knock", name, relation };
    this.#channel = new Channel(url, () => this.#greeting());
    this.#mesh = new Mesh((message) => this.#channel.send(message));
    this.#trust = new Trust(rosterKey, room, () => this.#tell("code", { code: this.#trust.code, trusted: this.#trust.trusted }));
    this.#screen = new Screen((on) => {
      this.#tell("sharing", { on });
      this.#mediaChanged();
    });
    for (const type of ["stream", "peer", "quality", "trouble"]) this.#mesh.addEventListener(type, this.#passOn);
    const hear = (/** @type {string} */ type, /** @type {(detail: any) => void} */ then) =>
      this.#mesh.addEventListener(type, (event) => then(/** @type {CustomEvent} */ (event).detail));
    hear("peer", () => this.#present.keeps && this.#present.gather());
    hear("quality", ({ participant, level }) => participant === this.me?.participant && this.#sayMedia((this.#quality = level)));
    hear("size", (size) => media.fit(size).then(() => this.#mesh.resize()));
    hear("trust", ({ fingerprints, fits }) => this.#trust.fingerprints(fingerprints, fits));
    hear("report", (report) => this.#channel.send({ type: "report", ...report }));
    this.#channel.addEventListener("message", (event) => this.#heard(/** @type {CustomEvent} */ (event).detail));
    this.#channel.addEventListener("down", () => this.#become("reconnecting"));
    this.#channel.addEventListener("closed", (event) => this.#over(CLOSED[/** @type {CustomEvent} */ (event).detail] ?? "refused"));
    media.addEventListener("change", this.#mediaChanged);
    this.#mesh.use(this.#tracks);
  }

  /** @returns {RosterEntry[]} */
  get roster() {
    return this.#present.all;
  }

  /** Dials. Camera and microphone may still be starting: their tracks follow when they come. */
  async join() {
    this.#hello.fingerprint = await this.#mesh.identify();
    if (!this.#finished) this.#channel.open();
  }

  leave() {
    if (this.#finished) return;
    this.#channel.close();
    this.#over("left");
  }

  /** Sound only: sends no picture and asks the others to send none. A camera that was off before stays off after. */
  async setPictures(/** @type {boolean} */ on) {
    if (on === this.pictures) return;
    this.pictures = on;
    if (!on) {
      this.#cameraBefore = this.#media.cameraOn;
      this.unshare();
    }
    await this.#media.setCamera(on && this.#cameraBefore);
    this.#sayMedia();
  }

  setHand(/** @type {boolean} */ on) {
    this.hand = on;
    this.#sayMedia();
  }

  /** Whether one speaks sign language: one's own picture then stays large until nothing else helps. */
  setSigning(/** @type {boolean} */ on) {
    this.signing = this.#mesh.signing = on;
    this.#mesh.resize();
    this.#sayMedia();
  }

  /** The whole line as it stands now; `done` ends it, and the next is a new one. */
  sendText(/** @type {string} */ text, { done = false } = {}) {
    this.#texting.type(text, { done });
  }

  /** Shows a screen or a window instead of the camera; rejects when none was chosen or the browser cannot. */
  share() {
    return this.#screen.start();
  }

  unshare() {
    this.#screen.stop();
  }

  get sharing() {
    return this.#screen.track !== null;
  }

  /** Eight digits, or null while somebody is not connected. */
  get code() {
    return this.#trust.code;
  }

  /** How loud somebody is now, 0 to 1; one's own id is the microphone. */
  level(/** @type {string} */ participant) {
    return participant === this.me?.participant ? this.#media.level() : loudness(this.#mesh.sound(participant) ** 2);
  }

  /** @returns {RTCPeerConnection | undefined} for a page that reads statistics */
  connection(/** @type {string} */ participant) {
    return this.#mesh.connection(participant);
  }

  /** Cuts the socket and dials again; pictures go on meanwhile. */
  redial() {
    this.#channel.redial();
  }

  get #finished() {
    return !["connecting", "waiting", "admitted", "reconnecting"].includes(this.state);
  }

  get #tracks() {
    return { audio: this.#media.audio, video: this.#screen.track ?? this.#media.video, screen: this.sharing };
  }

  #greeting() {
    this.#said = "";
    const hello = { ...this.#hello, holding: this.#mesh.holding() };
    return this.#hello.token ? [hello, this.#knock] : [hello];
  }

  #heard(/** @type {any} */ message) {
    switch (message.type) {
      case "welcome":
        this.me = message;
        break;
      case "waiting":
        this.#become("waiting");
        if (message.notice) this.#tell("notice", { message: message.notice });
        break;
      case "admitted":
        this.#present.begin();
        this.#mesh.up();
        this.#mesh.useIce(message);
        this.#setRoster(message);
        this.#become("admitted");
        this.#sayMedia();
        this.#texting.flush();
        break;
      case "ice":
        this.#mesh.useIce(message);
        break;
      case "roster":
        this.#setRoster(message);
        break;
      case "knocking":
        this.knocking = message.knocking;
        this.#tell("knocking", message);
        break;
      case "make":
      case "restart":
      case "description":
      case "candidate":
        this.#mesh[/** @type {"make"} */ (message.type)](message);
        break;
      case "text":
        this.#tell("text", { participant: message.from, line: message.line, text: message.text, done: message.done });
        break;
      case "notice":
        this.#tell("notice", { message: message.message });
        break;
      case "event":
        this.#tell("event", message.payload);
        break;
      case "err":
        if (message.about !== "turn") this.#tell("err", message); // asked for by no person
        break;
      default:
        if (!GOODBYES.includes(message.type)) return; // a newer server may say more
        this.#reason = message.reason ?? "";
        this.#over(message.type);
    }
  }

  #setRoster(/** @type {{roster: RosterEntry[], signature?: string}} */ { roster, signature = "" }) {
    this.#trust.roster(roster, signature);
    this.#present.take(roster);
  }

  #gathered() {
    this.#mesh.fit(this.roster, this.me?.participant ?? "");
    this.#tell("roster", this.roster);
  }

  #mediaChanged = () => {
    this.#mesh.use(this.#tracks);
    this.#sayMedia();
  };

  #sayMedia(quality = this.#quality) {
    if (this.state !== "admitted") return;
    const { pictures, hand, sharing, signing } = this;
    const { microphoneOn: microphone, cameraOn: camera } = this.#media;
    const message = { type: "media", microphone, camera, pictures, hand, sharing, signing, quality };
    const said = JSON.stringify(message);
    if (said !== this.#said && this.#channel.send(message)) this.#said = said;
  }

  #become(/** @type {State} */ state) {
    if (this.#finished || this.state === state) return;
    this.state = state;
    this.#tell("state", { state, reason: this.#reason });
  }

  /** The last word: camera, microphone and screen are let go, and nothing is dialled again. */
  #over(/** @type {State} */ state) {
    if (this.#finished) return;
    this.#present.close();
    this.#media.removeEventListener("change", this.#mediaChanged);
    this.#media.stop();
    this.#mesh.close();
    this.#become(state);
    this.#screen.stop();
  }

  #passOn = (/** @type {Event} */ event) => this.#tell(event.type, /** @type {CustomEvent} */ (event).detail);

  #tell(/** @type {string} */ type, /** @type {unknown} */ detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
