// @ts-check
/** For staff: who does not come or has lost the line, the number to ring, and whether they are on the phone. */

import { ask, copyOf, find, tell } from "./dom.js";
import { word } from "./words.js";

/**
 * @typedef {{participant: string, name: string, role: string, relation: string, phone: string, on_phone: boolean}} Invited
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
  /** @type {Set<string>} */ const unreached = new Set(); // by this page; their seats may still be kept

  async function refresh() {
    if (room.state !== "admitted") return;
    try {
      const { absent, here, suggested } = /** @type {{absent: Invited[], here: Invited[], suggested: Suggestion | null}} */ (
        await ask(`${address}/absent`)
      );
      draw([...absent, ...here.filter((one) => one.on_phone || lost(one.participant))]);
      if (suggested) follow(outcome, suggested);
    } catch {
      known = ""; // off the line just now: the next change asks again
    }
  }

  /** Whether somebody else sits here and their own page or this one says that the line is gone. */
  function lost(/** @type {string} */ participant) {
    const entry = room.roster.find((one) => one.participant === participant);
    return Boolean(entry && participant !== room.me?.participant && (entry.quality === "lost" || unreached.has(participant)));
  }

  function draw(/** @type {Invited[]} */ people) {
    const list = find("ul", root);
    const before = [...list.children];
    const lines = new Map(before.map((line) => [/** @type {HTMLElement} */ (line).dataset.participant, line]));
    // A line that is there stays where and what it is: it may have the focus.
    const now = people.map((one) => fill(/** @type {HTMLElement} */ (lines.get(one.participant)) ?? line(one), one, lost(one.participant)));
    if (now.length !== before.length || now.some((line, at) => line !== before[at])) list.replaceChildren(...now);
    find("[data-absent-people]", root).hidden = people.length === 0;
  }

  function line(/** @type {Invited} */ { participant }) {
    const made = copyOf("absent");
    made.dataset.participant = participant;
    const button = /** @type {HTMLButtonElement} */ (find("[data-on-the-phone]", made));
    button.addEventListener("click", async () => {
      button.disabled = true;
      wrong.hidden = true;
      try {
        await note(participant, !made.classList.contains("on-phone"));
      } catch (error) {
        wrong.textContent = /** @type {Error} */ (error).message;
        wrong.hidden = false;
      }
      await refresh();
      button.disabled = false;
    });
    return made;
  }

  const note = (/** @type {string} */ participant, /** @type {boolean} */ on) =>
    tell(`${address}/phone`, { participant, on: on ? "yes" : "no", line: unreached.has(participant) ? "lost" : "" });

  function changed() {
    const here = room.roster.map(({ participant }) => `${participant} ${lost(participant)}`).sort().join(" ");
    if (here !== known) refresh();
    known = here;
  }

  room.addEventListener("roster", changed);
  room.addEventListener("peer", (event) => {
    const { participant, state } = /** @type {CustomEvent} */ (event).detail;
    if (state === "lost") unreached.add(participant);
    if (state === "gone") unreached.delete(participant);
    changed();
  });
  room.addEventListener("quality", (event) => {
    const { participant, level } = /** @type {CustomEvent} */ (event).detail;
    // Measured, so sound comes and goes: other states of a connection that was lost are but attempts.
    if (level === "lost" || !unreached.delete(participant)) return;
    const phoning = root.querySelector(`li.on-phone[data-participant="${CSS.escape(participant)}"]`);
    if (phoning) note(participant, false).catch(() => {}); // off the line: the button is there
    changed();
  });

  room.addEventListener("event", (event) => {
    if (/** @type {CustomEvent} */ (event).detail?.kind === "people") refresh();
  });
}

function fill(/** @type {HTMLElement} */ line, /** @type {Invited} */ one, /** @type {boolean} */ lost) {
  const more = [word(`role-${one.role}`, {}, ""), word(`relation-${one.relation}`, {}, one.relation)].filter(Boolean).join(", ");
  find("[data-name]", line).textContent = one.name;
  find("[data-more]", line).textContent = more ? `, ${more}` : "";
  find("[data-lost]", line).hidden = !lost;
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
