// @ts-check
/** What only staff have in the room: whose hand is up, and the end for all. */

import { say } from "./announce.js";
import { find } from "./dom.js";
import { word } from "./words.js";

/** @typedef {import("../../signaling/room.js").Room} Room */

/** Keeps in sight who wants to say something, and has it read aloud once for each hand. */
export function showHands(/** @type {HTMLElement} */ place, /** @type {Room} */ room) {
  let before = new Set();
  room.addEventListener("roster", () => {
    const raised = room.roster.filter((entry) => entry.hand && entry.participant !== room.me?.participant);
    const text = raised.length ? word("hands", { names: raised.map((entry) => entry.name).join(", ") }) : "";
    place.hidden = !text;
    find("span", place).textContent = text;
    if (raised.some((entry) => !before.has(entry.participant))) say(text);
    before = new Set(raised.map((entry) => entry.participant));
  });
}

/** Asks before everybody is sent out. */
export function offerEnding(/** @type {HTMLElement} */ button, /** @type {Room} */ room, /** @type {AbortSignal} */ life) {
  const question = /** @type {HTMLDialogElement} */ (find("[data-ending]"));
  const press = (/** @type {HTMLElement} */ one, /** @type {() => void} */ act) => one.addEventListener("click", act, { signal: life });
  press(button, () => question.showModal());
  press(find("[data-end-not]", question), () => question.close());
  press(find("[data-end-now]", question), () => {
    question.close();
    room.end();
  });
  life.addEventListener("abort", () => question.close());
}
