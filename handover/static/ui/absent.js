// @ts-check
/** For staff: who was invited and is not here, the number to ring, and whether they are on the phone. */

import { ask, copyOf, find, tell } from "./dom.js";
import { word } from "./words.js";

/**
 * @typedef {{participant: string, name: string, role: string, relation: string, phone: string, on_phone: boolean}} Absent
 * @typedef {{form: string, present: string[]}} Suggestion
 */

/**
 * @param {HTMLElement} root
 * @param {import("../../signaling/room.js").Room} room
 * @param {string} address of the talk
 * @param {HTMLElement} outcome whose ticks follow who comes, until somebody says otherwise
 */
export function showWhoIsAbsent(root, room, address, outcome) {
  const wrong = find("[data-absent-wrong]", root);
  let known = "";

  async function refresh() {
    if (room.state !== "admitted") return;
    try {
      const { absent, suggested } = /** @type {{absent: Absent[], suggested: Suggestion | null}} */ (await ask(`${address}/absent`));
      draw(absent);
      if (suggested) follow(outcome, suggested);
    } catch {
      known = ""; // off the line just now: the next change asks again
    }
  }

  function draw(/** @type {Absent[]} */ absent) {
    const list = find("ul", root);
    const lines = new Map([...list.children].map((line) => [/** @type {HTMLElement} */ (line).dataset.participant, line]));
    // A line that is there stays the same element: it may have the focus.
    list.replaceChildren(...absent.map((one) => fill(/** @type {HTMLElement} */ (lines.get(one.participant)) ?? line(one), one)));
    find("[data-absent-people]", root).hidden = absent.length === 0;
  }

  function line(/** @type {Absent} */ { participant }) {
    const made = copyOf("absent");
    made.dataset.participant = participant;
    const button = /** @type {HTMLButtonElement} */ (find("[data-on-the-phone]", made));
    button.addEventListener("click", async () => {
      button.disabled = true;
      wrong.hidden = true;
      try {
        await tell(`${address}/phone`, { participant, on: made.classList.contains("on-phone") ? "no" : "yes" });
      } catch (error) {
        wrong.textContent = /** @type {Error} */ (error).message;
        wrong.hidden = false;
      }
      await refresh();
      button.disabled = false;
    });
    return made;
  }

  room.addEventListener("roster", () => {
    const here = room.roster.map((entry) => entry.participant).sort().join(" ");
    if (here !== known) refresh();
    known = here;
  });
  room.addEventListener("event", (event) => {
    if (/** @type {CustomEvent} */ (event).detail?.kind === "people") refresh();
  });
}

function fill(/** @type {HTMLElement} */ line, /** @type {Absent} */ one) {
  const more = [word(`role-${one.role}`, {}, ""), word(`relation-${one.relation}`, {}, one.relation)].filter(Boolean).join(", ");
  find("[data-name]", line).textContent = one.name;
  find("[data-more]", line).textContent = more ? `, ${more}` : "";
  const ring = /** @type {HTMLAnchorElement} */ (find("[data-ring]", line));
  ring.hidden = !one.phone;
  ring.textContent = one.phone;
  ring.href = `tel:${one.phone.replaceAll(" ", "")}`;
  const button = find("[data-on-the-phone]", line);
  button.textContent = (one.on_phone ? button.dataset.on : button.dataset.off) ?? "";
  button.setAttribute("aria-label", `${button.textContent}: ${one.name}`);
  line.classList.toggle("on-phone", one.on_phone);
  return line;
}

/** Brings what nobody has touched in the outcome form up to what the service has seen since. */
export function follow(/** @type {HTMLElement} */ outcome, /** @type {Suggestion} */ known) {
  const drawn = /** @type {HTMLInputElement | null} */ (outcome.querySelector("[name=suggested_form]"));
  if (!drawn) return; // somebody has saved who was there
  const suggested = [...outcome.querySelectorAll("[name=suggested]")].map((field) => /** @type {HTMLInputElement} */ (field).value);
  for (const box of /** @type {NodeListOf<HTMLInputElement>} */ (outcome.querySelectorAll("[name=present]"))) {
    if (box.checked === suggested.includes(box.value)) box.checked = known.present.includes(box.value);
  }
  const forms = [.../** @type {NodeListOf<HTMLInputElement>} */ (outcome.querySelectorAll("[name=form]"))];
  if (forms.find((one) => one.checked)?.value === drawn.value) {
    for (const one of forms) one.checked = one.value === known.form;
  }
  for (const field of outcome.querySelectorAll("[name=suggested]")) field.remove();
  drawn.value = known.form;
  drawn.after(
    ...known.present.map((person) => Object.assign(document.createElement("input"), { type: "hidden", name: "suggested", value: person })),
  );
}
