// @ts-check
/** One tile for each device in the room: picture or initials, name, who they are, and how they can be heard and seen. */

import { largeOnes, spokenForBy } from "./arrangement.js";
import { copyOf, find } from "./dom.js";
import { Levels } from "./levels.js";
import { word } from "./words.js";

/** @typedef {import("../../signaling/room.js").Room} Room */
/** @typedef {import("../../signaling/room.js").RosterEntry} RosterEntry */
/** @typedef {import("../../signaling/media.js").Media} Media */

export class Tiles {
  #root;
  #room;
  #media;
  #staff;
  #levels;
  /** @type {Map<string, HTMLElement>} */ #tiles = new Map();
  /** @type {Map<string, {state: string, receiving: boolean}>} */ #peers = new Map();
  /** @type {string | null} */ #pinned = null;
  #self;

  /**
   * @param {HTMLElement} root @param {Room} room @param {Media} media
   * @param {{staff: boolean, life: AbortSignal}} options staff see how good the others' lines are
   */
  constructor(root, room, media, { staff, life }) {
    this.#root = root;
    this.#room = room;
    this.#media = media;
    this.#staff = staff;
    this.#self = copyOf("tile");
    this.#self.classList.add("self");
    find("[data-enlarge]", this.#self).remove();
    this.#picture(this.#self).muted = true;
    root.replaceChildren(this.#self);
    room.addEventListener("roster", () => this.#draw());
    room.addEventListener("stream", (event) => this.#stream(/** @type {CustomEvent} */ (event).detail));
    room.addEventListener("peer", (event) => {
      const { participant, ...how } = /** @type {CustomEvent} */ (event).detail;
      this.#peers.set(participant, how);
      this.#draw();
    });
    room.addEventListener("sharing", () => this.#drawSelf());
    media.addEventListener("change", () => this.#drawSelf(), { signal: life });
    media.addEventListener("devices", () => this.#speakAgain(), { signal: life });
    document.addEventListener("visibilitychange", () => this.#wake(), { signal: life });
    life.addEventListener("abort", () => (find("[data-sound-on]").hidden = true));
    this.#levels = new Levels(room, (...heard) => this.#loudness(...heard), () => this.#arrange(), life);
    this.#drawSelf();
  }

  #picture(/** @type {HTMLElement} */ tile) {
    return /** @type {HTMLVideoElement} */ (tile.querySelector("video"));
  }

  #stream(/** @type {{participant: string, stream: MediaStream}} */ { participant, stream }) {
    const video = this.#picture(this.#tile(participant));
    if (video.srcObject !== stream) video.srcObject = stream;
    this.#media.speakThrough(video).catch(() => {}); // a speaker that has gone: the usual one is used
    this.#play(video);
  }

  /** Pictures may always run; sound may have to wait for a press. */
  #play(/** @type {HTMLVideoElement} */ video) {
    video.play().catch((error) => {
      if (error.name !== "NotAllowedError") return;
      find("[data-sound-on]").hidden = false;
      video.muted = true;
      video.play().catch(() => {}); // refused even without sound: the press will start it
    });
  }

  /** Some browsers play sound only after a press; this is that press. */
  playAll() {
    find("[data-sound-on]").hidden = true;
    for (const tile of this.#tiles.values()) {
      const video = this.#picture(tile);
      video.muted = false;
      this.#play(video);
    }
  }

  /** A headset was unplugged: the sound goes on where there is a speaker. */
  #speakAgain() {
    for (const tile of this.#tiles.values()) {
      const video = this.#picture(tile);
      this.#media.speakThrough(video).catch(() => video.setSinkId?.(""));
    }
  }

  /** Phones pause what nobody looks at. */
  #wake() {
    if (document.hidden) return;
    for (const tile of [this.#self, ...this.#tiles.values()]) {
      const video = this.#picture(tile);
      if (video.paused && video.srcObject) this.#play(video);
    }
  }

  #tile(/** @type {string} */ participant) {
    let tile = this.#tiles.get(participant);
    if (!tile) {
      tile = copyOf("tile");
      tile.dataset.seat = participant;
      this.#picture(tile).dataset.participant = participant;
      // The whole tile takes a finger; the button inside is for the keyboard, and its press reaches the tile too.
      tile.addEventListener("click", () => {
        this.#pinned = this.#pinned === participant ? null : participant;
        this.#arrange();
      });
      this.#tiles.set(participant, tile);
      this.#place(tile, participant);
    }
    return tile;
  }

  /** An interpreter sits beside the person spoken for. A tile that is there stays: moving it would stop its picture. */
  #place(/** @type {HTMLElement} */ tile, /** @type {string} */ participant) {
    const { roster } = this.#room;
    const entry = roster.find((one) => one.participant === participant);
    const person = entry && this.#tileOf(spokenForBy(entry, roster));
    const interpreter = roster.find((one) => spokenForBy(one, roster) === participant);
    const before = person ? person.nextSibling : (interpreter && this.#tiles.get(interpreter.participant)) ?? null;
    this.#root.insertBefore(tile, before === tile ? null : before);
  }

  #tileOf(/** @type {string} */ participant) {
    return participant === this.#room.me?.participant ? this.#self : this.#tiles.get(participant);
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
      if (this.#pinned === participant) this.#pinned = null;
    }
    for (const entry of others) this.#fill(this.#tile(entry.participant), entry);
    this.#drawSelf();
    this.#arrange();
  }

  #fill(/** @type {HTMLElement} */ tile, /** @type {RosterEntry} */ entry) {
    const more = [word(`role-${entry.role}`, {}, ""), entry.organisation].filter(Boolean).join(", ");
    find(".who", tile).textContent = entry.name;
    find(".who-more", tile).textContent = more;
    find(".initials", tile).textContent = initials(entry.name);
    tile.setAttribute("aria-label", more ? `${entry.name}, ${more}` : entry.name);
    find("[data-enlarge]", tile).textContent = word("enlarge", { name: entry.name });
    // A picture that stands still would say that they are still there.
    const { state = "", receiving = true } = this.#peers.get(entry.participant) ?? {};
    const still = state === "lost" || (state === "sound-only" && !receiving);
    tile.classList.toggle("no-picture", !(entry.camera || entry.sharing) || !this.#room.pictures || still);
    tile.classList.toggle("whole", entry.sharing);
    find("[data-muted]", tile).hidden = entry.microphone;
    find("[data-hand]", tile).hidden = !entry.hand;
    this.#note(tile, [this.#connection(entry), ...this.#about(entry)]);
  }

  /** How one is connected to them, when there is something to say. */
  #connection(/** @type {RosterEntry} */ entry) {
    if (entry.away) return word("peer-away");
    const { state = "", receiving = true } = this.#peers.get(entry.participant) ?? {};
    const told = state === "sound-only" && receiving ? "" : state; // only one's own picture is away: said on one's own tile
    return word(`peer-${told}`, {}, this.#staff && ["poor", "lost"].includes(entry.quality) ? word("quality-poor") : "");
  }

  #about(/** @type {RosterEntry} */ entry) {
    const person = this.#room.roster.find((one) => one.participant === entry.speaks_for);
    return [
      entry.sharing ? word("shares") : "",
      person ? word("speaks-for", { name: person.name }) : "",
      entry.signing ? word("signs") : "",
    ];
  }

  #note(/** @type {HTMLElement} */ tile, /** @type {string[]} */ sentences) {
    const text = sentences.filter(Boolean).join(" · ");
    find("[data-note]", tile).textContent = text;
    find("[data-note]", tile).hidden = !text;
  }

  #drawSelf() {
    const video = this.#picture(this.#self);
    const track = this.#media.video;
    if (track && /** @type {MediaStream | null} */ (video.srcObject)?.getVideoTracks()[0] !== track) {
      video.srcObject = new MediaStream([track]);
      video.play().catch(() => {}); // muted: never refused for sound; an interrupted play is followed by another
    }
    const me = this.#room.roster.find((entry) => entry.participant === this.#room.me?.participant);
    this.#self.classList.toggle("no-picture", !track);
    find(".who", this.#self).textContent = word("you");
    find(".initials", this.#self).textContent = initials(this.#room.me?.name ?? word("you"));
    find("[data-muted]", this.#self).hidden = this.#media.microphoneOn;
    find("[data-hand]", this.#self).hidden = !this.#room.hand;
    const weak = me?.quality === "poor" || me?.quality === "lost";
    this.#note(this.#self, [weak ? word("quality-poor") : "", this.#room.sharing ? word("shares") : ""]);
    this.#self.setAttribute("aria-label", word("you"));
  }

  #loudness(/** @type {string} */ participant, /** @type {number} */ level, /** @type {boolean} */ speaks) {
    const tile = this.#tileOf(participant);
    if (!tile) return;
    find(".level", tile).dataset.level = String(level);
    tile.classList.toggle("speaking", speaks);
    find("[data-speaking]", tile).hidden = !speaks;
  }

  #arrange() {
    const { me, roster } = this.#room;
    const here = roster.filter((entry) => entry.participant === me?.participant || this.#tiles.has(entry.participant));
    const large = me ? largeOnes(here, me, { pinned: this.#pinned, speaking: this.#levels.word }) : [];
    for (const [participant, tile] of this.#tiles) {
      tile.classList.toggle("big", large.includes(participant));
      tile.classList.toggle("lead", participant === large[0]);
      find("[data-enlarge]", tile).setAttribute("aria-pressed", String(participant === this.#pinned));
      find("[data-pinned]", tile).hidden = participant !== this.#pinned;
    }
    for (const name of ["big", "lead"]) this.#self.classList.toggle(name, this.#tiles.size === 0);
    this.#root.dataset.large = String(Math.min(Math.max(large.length, 1), 3));
    find("[data-alone]").hidden = this.#tiles.size > 0;
  }
}

function initials(/** @type {string} */ name) {
  return name.split(/\s+/).filter(Boolean).map((part) => part[0]).slice(0, 2).join("").toUpperCase();
}
