// @ts-check
/** Who is here, as a list: everybody's name, role, organisation, hand, who sits beside them, and for staff their line. */

import { say } from "./announce.js";
import { copyOf, find } from "./dom.js";
import { word } from "./words.js";

/** @typedef {import("../../signaling/room.js").RosterEntry} RosterEntry */

export class People {
  /** @type {Map<string, string> | null} */ #names = null;

  /** @param {HTMLElement} root @param {import("../../signaling/room.js").Room} room @param {{staff: boolean}} options */
  constructor(root, room, { staff }) {
    room.addEventListener("roster", () => {
      const me = room.me?.participant;
      find("ul", root).replaceChildren(...room.roster.map((entry) => personLine(entry, staff && entry.participant !== me)));
      this.#tellWhoCame(room.roster.filter((entry) => entry.participant !== me));
    });
  }

  /** Somebody who cannot see the tiles hears who comes and goes; those who were here already are in the list. */
  #tellWhoCame(/** @type {RosterEntry[]} */ others) {
    const before = this.#names;
    const now = (this.#names = new Map(others.map((entry) => [entry.participant, entry.name])));
    if (!before) return;
    const came = others.filter((entry) => !before.has(entry.participant)).map((entry) => word("came-in", { name: entry.name }));
    const went = [...before].filter(([id]) => !now.has(id)).map(([, name]) => word("went-out", { name }));
    say([...came, ...went].join(" "));
  }
}

function personLine(/** @type {RosterEntry} */ entry, /** @type {boolean} */ withLine) {
  const line = copyOf("person");
  const relation = word(`relation-${entry.relation}`, {}, entry.relation);
  const more = [word(`role-${entry.role}`, {}, ""), relation, entry.organisation].filter(Boolean).join(", ");
  const beside = entry.company.length ? ` (${word("beside", { people: entry.company.join(", ") })})` : "";
  find("[data-name]", line).textContent = entry.name;
  find("[data-more]", line).textContent = (more && `, ${more}`) + beside;
  find("[data-hand]", line).hidden = !entry.hand;
  const quality = withLine ? word(`quality-${entry.quality}`, {}, "") : "";
  find("[data-line-of]", line).hidden = !quality;
  find("[data-line-of]", line).textContent = quality;
  return line;
}
