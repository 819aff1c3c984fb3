// @ts-check
/** Who is here, as a list: everybody's name, role, organisation, and who sits beside them. */

import { find } from "./dom.js";
import { word } from "./words.js";

export class People {
  constructor(/** @type {HTMLElement} */ root, /** @type {import("../../signaling/room.js").Room} */ room) {
    room.addEventListener("roster", () => {
      const lines = room.roster.map((entry) => {
        const line = document.createElement("li");
        const relation = word(`relation-${entry.relation}`, {}, entry.relation);
        const more = [word(`role-${entry.role}`, {}, ""), relation, entry.organisation].filter(Boolean).join(", ");
        const beside = entry.company.length ? ` (${word("beside", { people: entry.company.join(", ") })})` : "";
        line.textContent = `${entry.name}${more ? `, ${more}` : ""}${beside}`;
        return line;
      });
      find("ul", root).replaceChildren(...lines);
    });
  }
}
