// @ts-check
/** One tile for each device in the room: picture or initials, name, who they are, and whether they can be heard. */

import { copyOf, find } from "./dom.js";
import { word } from "./words.js";

/** @typedef {import("../../signaling/room.js").Room} Room */
/** @typedef {import("../../signaling/room.js").RosterEntry} RosterEntry */
/** @typedef {import("../../signaling/media.js").Media} Media */

// Whose picture is large until somebody presses another: for a guest the municipality's nurse, who is new to them.
const LARGE_FOR = { ward: ["nurse", "relative", "patient"], nurse: ["ward", "patient", "relative"], guest: ["nurse", "ward"] };

export class Tiles {
  #root;
  #room;
  #media;
  /** @type {Map<string, HTMLElement>} */ #tiles = new Map();
  /** @type {Map<string, string>} */ #peers = new Map();
  /** @type {string | null} */ #pressed = null;
  #self;

  constructor(/** @type {HTMLElement} */ root, /** @type {Room} */ room, /** @type {Media} */ media) {
    this.#root = root;
    this.#room = room;
    this.#media = media;
    this.#self = copyOf("tile");
    this.#self.classList.add("self");
    find("[data-enlarge]", this.#self).remove();
    this.#picture(this.#self).muted = true;
    root.append(this.#self);
    room.addEventListener("roster", () => this.#draw());
    room.addEventListener("stream", (event) => this.#stream(/** @type {CustomEvent} */ (event).detail));
    room.addEventListener("peer", (event) => {
      const { participant, state } = /** @type {CustomEvent} */ (event).detail;
      this.#peers.set(participant, state);
      this.#draw();
    });
    media.addEventListener("change", () => this.#drawSelf());
    this.#drawSelf();
  }

  #picture(/** @type {HTMLElement} */ tile) {
    return /** @type {HTMLVideoElement} */ (tile.querySelector("video"));
  }

  #stream(/** @type {{participant: string, stream: MediaStream}} */ { participant, stream }) {
    const video = this.#picture(this.#tile(participant));
    video.srcObject = stream;
    this.#media.speakThrough(video).catch(() => {}); // a speaker that has gone: the usual one is used
    this.#play(video);
  }

  #play(/** @type {HTMLVideoElement} */ video) {
    video.play().catch((error) => {
      if (error.name === "NotAllowedError") find("[data-sound-on]").hidden = false;
    });
  }

  /** Some browsers play sound only after a press; this is that press. */
  playAll() {
    find("[data-sound-on]").hidden = true;
    for (const tile of this.#tiles.values()) this.#play(this.#picture(tile));
  }

  #tile(/** @type {string} */ participant) {
    let tile = this.#tiles.get(participant);
    if (!tile) {
      tile = copyOf("tile");
      tile.dataset.seat = participant;
      this.#picture(tile).dataset.participant = participant;
      // The whole tile takes a finger; the button inside is for the keyboard, and its press reaches the tile too.
      tile.addEventListener("click", () => {
        this.#pressed = this.#pressed === participant ? null : participant;
        this.#arrange();
      });
      this.#tiles.set(participant, tile);
      this.#root.append(tile);
    }
    return tile;
  }

  #draw() {
    const me = this.#room.me?.participant;
    const others = this.#room.roster.filter((entry) => entry.participant !== me);
    for (const [participant, tile] of this.#tiles) {
      if (others.some((entry) => entry.participant === participant)) continue;
      this.#picture(tile).srcObject = null;
      tile.remove();
      this.#tiles.delete(participant);
      this.#peers.delete(participant);
    }
    for (const entry of others) this.#fill(this.#tile(entry.participant), entry);
    this.#drawSelf();
    this.#arrange();
  }

  #fill(/** @type {HTMLElement} */ tile, /** @type {RosterEntry} */ entry) {
    const more = [word(`role-${entry.role}`, {}, ""), entry.organisation].filter(Boolean).join(", ");
    find(".who", tile).textContent = entry.name;
    find(".who-more", tile).textContent = more ? ` · ${more}` : "";
    find(".initials", tile).textContent = initials(entry.name);
    tile.setAttribute("aria-label", more ? `${entry.name}, ${more}` : entry.name);
    find("[data-enlarge]", tile).textContent = word("enlarge", { name: entry.name });
    tile.classList.toggle("no-picture", !entry.camera || !this.#room.pictures);
    find("[data-muted]", tile).hidden = entry.microphone;
    const state = entry.away ? "away" : this.#peers.get(entry.participant);
    const note = state && state !== "connected" && state !== "gone" ? word(`peer-${state}`, {}, "") : "";
    find("[data-note]", tile).textContent = note;
    find("[data-note]", tile).hidden = !note;
  }

  #drawSelf() {
    const video = this.#picture(this.#self);
    if (this.#media.video && /** @type {MediaStream | null} */ (video.srcObject)?.getVideoTracks()[0] !== this.#media.video) {
      video.srcObject = new MediaStream([this.#media.video]);
      video.play().catch(() => {}); // muted: never refused for sound; an interrupted play is followed by another
    }
    this.#self.classList.toggle("no-picture", !this.#media.video);
    find(".who", this.#self).textContent = word("you");
    find(".initials", this.#self).textContent = initials(this.#room.me?.name ?? word("you"));
    find("[data-muted]", this.#self).hidden = this.#media.microphoneOn;
    this.#self.setAttribute("aria-label", word("you"));
  }

  #arrange() {
    const role = this.#room.me?.role ?? "";
    const order = LARGE_FOR[/** @type {"ward"} */ (role)] ?? LARGE_FOR.guest;
    const wanted = this.#room.roster.find((entry) => entry.participant === this.#pressed && this.#tiles.has(entry.participant));
    const large = wanted ?? order.map((one) => this.#room.roster.find((entry) => entry.role === one && this.#tiles.has(entry.participant))).find(Boolean);
    for (const [participant, tile] of this.#tiles) tile.classList.toggle("big", participant === large?.participant);
    this.#self.classList.toggle("big", this.#tiles.size === 0);
    find("[data-alone]").hidden = this.#tiles.size > 0;
  }
}

function initials(/** @type {string} */ name) {
  return name.split(/\s+/).filter(Boolean).map((part) => part[0]).slice(0, 2).join("").toUpperCase();
}
