// @ts-check
/** The client's view of one room: what state one is in, who is there, and what they send. Never touches the page. */

import { Channel, VERSION } from "./channel.js";
import { Mesh } from "./mesh.js";

/**
 * @typedef {"connecting" | "waiting" | "admitted" | "reconnecting" | "left" | "declined" | "removed" | "replaced"
 *   | "ended" | "refused" | "not-allowed" | "full" | "outdated"} State
 * @typedef {{participant: string, name: string, role: string, organisation: string, relation: string, admits: boolean,
 *   away: boolean, microphone: boolean, camera: boolean, pictures: boolean, company: string[]}} RosterEntry
 * @typedef {{participant: string, name: string, role: string, relation: string, link: string, second_device: boolean,
 *   away: boolean, since: number}} KnockingEntry
 */

/** @type {Record<number, State>} */
const CLOSED = { 1000: "left", 4001: "replaced", 4401: "refused", 4403: "not-allowed", 4409: "full", 4410: "ended", 4426: "outdated" };
const GOODBYES = ["declined", "removed", "replaced", "ended"];

/** A name for this device that only the server sees: coming back on it needs no second admission. */
function thisDevice() {
  const fresh = crypto.randomUUID().replaceAll("-", "");
  try {
    const kept = localStorage.getItem("signaling.device") ?? fresh;
    localStorage.setItem("signaling.device", kept);
    return kept;
  } catch {
    return fresh; // storage is blocked: it holds as long as the page
  }
}

/**
 * Events, each with a detail: `state` ({state, reason}), `roster` (RosterEntry[]), `knocking` ({room, talking,
 * knocking}), `stream` ({participant, stream}), `peer` ({participant, state: connecting | connected | disconnected |
 * failed | gone}), `event` (the owner's payload), `err` ({code, about, detail}), `trouble` ({participant, error}: a step
 * of negotiation failed and the watchdog will see to it). A room that is over stays so: coming back is a new `Room`.
 */
export class Room extends EventTarget {
  /** @type {State} */ state = "connecting";
  /** @type {{participant: string, name: string, role: string, admits: boolean} | null} */ me = null;
  /** @type {RosterEntry[]} */ roster = [];
  /** @type {KnockingEntry[]} */ knocking = [];
  pictures = true;
  #media;
  #hello;
  #knock;
  #mesh;
  #channel;
  #reason = "";
  #said = "";
  #cameraBefore = true;

  /**
   * @param {{url: string, media: import("./media.js").Media, token?: string, name?: string, relation?: string}} options
   *   `token` for guests; staff are known by the session that opens the socket
   */
  constructor({ url, media, token, name = "", relation = "" }) {
    super();
    this.#media = media;
    this.#hello = { type: "hello", version: VERSION, token, device: thisDevice() };
    this.#knock = { type: "knock", name, relation };
    this.#channel = new Channel(url, () => this.#greeting());
    this.#mesh = new Mesh((message) => this.#channel.send(message));
    for (const type of ["stream", "peer", "trouble"]) this.#mesh.addEventListener(type, this.#passOn);
    this.#channel.addEventListener("message", (event) => this.#heard(/** @type {CustomEvent} */ (event).detail));
    this.#channel.addEventListener("down", () => this.#become("reconnecting"));
    this.#channel.addEventListener("closed", (event) => this.#over(CLOSED[/** @type {CustomEvent} */ (event).detail] ?? "refused"));
    media.addEventListener("change", this.#mediaChanged);
    this.#mesh.use(media);
  }

  /** Dials. Camera and microphone may still be starting: their tracks follow when they come. */
  join() {
    this.#channel.open();
  }

  leave() {
    if (this.#finished) return;
    this.#channel.close();
    this.#over("left");
  }

  admit(/** @type {string} */ participant) {
    this.#channel.send({ type: "admit", participant });
  }

  decline(/** @type {string} */ participant) {
    this.#channel.send({ type: "decline", participant });
  }

  remove(/** @type {string} */ participant) {
    this.#channel.send({ type: "remove", participant });
  }

  /** Closes the room for everybody. */
  end() {
    this.#channel.send({ type: "end" });
  }

  /** Notes who else is before this camera. */
  setCompany(/** @type {string[]} */ people) {
    this.#channel.send({ type: "company", people });
  }

  /** Sound only: sends no picture and asks the others to send none. A camera that was off before stays off after. */
  async setPictures(/** @type {boolean} */ on) {
    if (on === this.pictures) return;
    this.pictures = on;
    if (!on) this.#cameraBefore = this.#media.cameraOn;
    await this.#media.setCamera(on && this.#cameraBefore);
    this.#sayMedia();
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
        break;
      case "admitted":
        this.#mesh.ice = message.ice;
        this.#setRoster(message.roster);
        this.#become("admitted");
        this.#sayMedia();
        break;
      case "roster":
        this.#setRoster(message.roster);
        break;
      case "knocking":
        this.knocking = message.knocking;
        this.#tell("knocking", message);
        break;
      case "make":
        this.#mesh.make(message);
        break;
      case "description":
        this.#mesh.description(message);
        break;
      case "candidate":
        this.#mesh.candidate(message);
        break;
      case "event":
        this.#tell("event", message.payload);
        break;
      case "err":
        this.#tell("err", message);
        break;
      default:
        if (!GOODBYES.includes(message.type)) return; // a newer server may say more
        this.#reason = message.reason ?? "";
        this.#over(message.type);
    }
  }

  #setRoster(/** @type {RosterEntry[]} */ roster) {
    this.roster = roster;
    this.#mesh.fit(roster, this.me?.participant ?? "");
    this.#tell("roster", roster);
  }

  #mediaChanged = () => {
    this.#mesh.use(this.#media);
    this.#sayMedia();
  };

  #sayMedia() {
    if (this.state !== "admitted") return;
    const { microphoneOn: microphone, cameraOn: camera } = this.#media;
    const message = { type: "media", microphone, camera, pictures: this.pictures };
    const said = JSON.stringify(message);
    if (said !== this.#said && this.#channel.send(message)) this.#said = said;
  }

  #become(/** @type {State} */ state) {
    if (this.#finished || this.state === state) return;
    this.state = state;
    this.#tell("state", { state, reason: this.#reason });
  }

  /** The last word: camera and microphone are let go, and nothing is dialled again. */
  #over(/** @type {State} */ state) {
    if (this.#finished) return;
    this.#media.removeEventListener("change", this.#mediaChanged);
    this.#media.stop();
    this.#mesh.close();
    this.#become(state);
  }

  #passOn = (/** @type {Event} */ event) => this.#tell(event.type, /** @type {CustomEvent} */ (event).detail);

  #tell(/** @type {string} */ type, /** @type {unknown} */ detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
