// @ts-check
/** Who is in the room: the server's list, and for a while whom a server that has just restarted has not heard from. */

const KEPT = 35_000; // ms; seats are kept for 30 s, and whoever returns dials within them

/** @typedef {import("./room.js").RosterEntry} RosterEntry */

export class Roster {
  /** @type {RosterEntry[]} */ all = [];
  /** @type {RosterEntry[]} */ #told = [];
  /** @type {Set<string>} */ #seen = new Set(); // in a list since this socket was admitted
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #keeping;
  #holds;
  #changed;

  /** @param {(participant: string) => boolean} holds whether a connection is up @param {() => void} changed */
  constructor(holds, changed) {
    this.#holds = holds;
    this.#changed = changed;
  }

  /** A new socket is inside: its server may have forgotten everybody. */
  begin() {
    this.#seen.clear();
    clearTimeout(this.#keeping);
    this.#keeping = setTimeout(() => {
      for (const { participant } of this.all) this.#seen.add(participant);
      this.gather();
    }, KEPT);
  }

  take(/** @type {RosterEntry[]} */ roster) {
    this.#told = roster;
    for (const { participant } of roster) this.#seen.add(participant);
    this.gather();
  }

  /** Nobody's tile goes because of a server, as long as their picture goes on. */
  gather() {
    const kept = this.all.filter(({ participant }) => !this.#seen.has(participant) && this.#holds(participant));
    this.all = [...this.#told, ...kept];
    this.#changed();
  }

  /** Whether somebody is kept who is not in the server's list. */
  get keeps() {
    return this.all.length > this.#told.length;
  }

  close() {
    clearTimeout(this.#keeping);
  }
}
