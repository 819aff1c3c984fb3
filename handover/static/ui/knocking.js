// @ts-check
/** Who knocks, for those who may let in: name, what they say they are, which link, two buttons, and a word to them. */

import { copyOf, find } from "./dom.js";
import { offerMessages } from "./messages.js";
import { word } from "./words.js";

export class Knocking {
  constructor(/** @type {HTMLElement} */ root, /** @type {import("../../signaling/room.js").Room} */ room) {
    room.addEventListener("knocking", () => {
      // A box that is already there stays as it is: redrawing it would take the focus from under a finger.
      const wanted = new Map(room.knocking.map((entry) => [entry.participant, entry]));
      for (const box of root.querySelectorAll("[data-knock]")) {
        if (!wanted.has(/** @type {HTMLElement} */ (box).dataset.knock ?? "")) box.remove();
      }
      for (const [participant, entry] of wanted) {
        const box = root.querySelector(`[data-knock="${CSS.escape(participant)}"]`) ?? this.#box(root, room, participant);
        fill(/** @type {HTMLElement} */ (box), entry);
      }
      root.hidden = wanted.size === 0;
    });
  }

  #box(/** @type {HTMLElement} */ root, /** @type {import("../../signaling/room.js").Room} */ room, /** @type {string} */ participant) {
    const box = copyOf("knock");
    box.dataset.knock = participant;
    const [letIn, notNow] = /** @type {HTMLButtonElement[]} */ ([find("[data-let-in]", box), find("[data-not-now]", box)]);
    const answer = (/** @type {() => void} */ say) => () => {
      // One press is the answer. Should the line drop it, the buttons come back and it can be pressed again.
      const press = (/** @type {boolean} */ off) => (letIn.disabled = notNow.disabled = off);
      press(true);
      setTimeout(() => press(false), 3000);
      say();
    };
    letIn.addEventListener("click", answer(() => room.admit(participant)));
    notNow.addEventListener("click", answer(() => room.decline(participant)));
    offerMessages(find("[data-tell-one]", box), (code) => room.notify(code, participant));
    root.append(box);
    return box;
  }
}

function fill(/** @type {HTMLElement} */ box, /** @type {import("../../signaling/room.js").KnockingEntry} */ entry) {
  const relation = word(`relation-${entry.relation}`, {}, entry.relation);
  const said = [word(`role-${entry.role}`, {}, ""), relation].filter(Boolean).join(", ");
  find("[data-name]", box).textContent = entry.name;
  find("[data-who]", box).textContent = said;
  find("[data-link]", box).textContent = entry.link ? word("came-by", { link: entry.link }) : "";
  find("[data-second]", box).hidden = !entry.second_device;
}
