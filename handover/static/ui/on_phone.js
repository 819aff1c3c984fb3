// @ts-check
/** Who takes part by phone: under the list of who is here, and read aloud when it changes. */

import { say } from "./announce.js";
import { ask } from "./dom.js";

/** @typedef {{participant: string, name: string, role: string}} OnPhone */

/**
 * @param {HTMLElement} list with the sentences in its data
 * @param {import("../../signaling/room.js").Room} room
 * @param {string} address where to ask after coming in; changes are told by the room
 */
export function showWhoIsOnThePhone(list, room, address) {
  /** @type {Map<string, string>} */ let before = new Map();

  function draw(/** @type {OnPhone[]} */ people) {
    const now = new Map(people.map(({ participant, name }) => [participant, name]));
    list.replaceChildren(...people.map(({ name }) => line(list.dataset.one ?? "", name)));
    list.hidden = people.length === 0;
    const came = [...now].filter(([id]) => !before.has(id)).map(([, name]) => sentence("came", name));
    const went = [...before].filter(([id]) => !now.has(id)).map(([, name]) => sentence("went", name));
    before = now;
    say([...came, ...went].join(" "));
  }

  const sentence = (/** @type {string} */ which, /** @type {string} */ name) => (list.dataset[which] ?? "").replace("{name}", name);

  room.addEventListener("event", (event) => {
    const said = /** @type {CustomEvent} */ (event).detail;
    if (said?.kind === "people") draw(said.on_phone);
  });
  room.addEventListener("state", () => {
    // Off the line just now: coming back asks again.
    if (room.state === "admitted") ask(address).then(({ on_phone }) => draw(on_phone), () => {});
  });
}

function line(/** @type {string} */ sentence, /** @type {string} */ name) {
  const [before, after = ""] = sentence.split("{name}");
  const [made, who] = [document.createElement("li"), document.createElement("strong")];
  who.textContent = name;
  made.append(before, who, after);
  return made;
}
