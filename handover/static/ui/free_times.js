// @ts-check
/** Free times of a team: other weeks, lengths and nurses without a new page. */

import { ask, copyOf, find } from "./dom.js";

/**
 * Keeps the picker in `box` up to date. `query` gives what the server is asked for besides the week.
 * @param {HTMLElement} box @param {string} address @param {() => Record<string, string>} query
 */
export function keepFreeTimes(box, address, query) {
  let asked = 0;

  box.addEventListener("click", (event) => {
    const button = /** @type {HTMLElement} */ (event.target).closest("button[name='week']");
    if (!(button instanceof HTMLButtonElement)) return;
    event.preventDefault();
    refresh(button.value, button).then(() => /** @type {HTMLElement | null} */ (box.querySelector(".week p"))?.focus());
  });

  /**
   * Draws one week; "" is the first that has free times. What cannot be drawn here is asked for as a page, by `button`.
   * @param {string} monday @param {HTMLButtonElement | null} button
   */
  async function refresh(monday, button) {
    const turn = ++asked;
    box.setAttribute("aria-busy", "true");
    try {
      const times = await ask(`${address}?${new URLSearchParams({ ...query(), from: monday })}`);
      if (turn === asked) draw(times);
    } catch {
      button?.form?.requestSubmit(button);
    }
    box.removeAttribute("aria-busy");
  }

  function draw(/** @type {any} */ times) {
    const picker = find("fieldset", box);
    const chosen = /** @type {HTMLInputElement | null} */ (picker.querySelector("input:checked"))?.value;
    for (const day of picker.querySelectorAll(":scope > .day, :scope > .wrong")) day.remove();
    const bar = find(".week", picker);
    const label = find("p", bar);
    label.textContent = times.label;
    label.tabIndex = -1;
    for (const button of bar.querySelectorAll("button")) button.remove();
    if (times.earlier) bar.prepend(turning("earlier", times.earlier));
    if (times.later) bar.append(turning("later", times.later));
    picker.append(...times.days.map((/** @type {any} */ day) => drawn(day, chosen)));
    const shown = /** @type {HTMLInputElement | null} */ (document.querySelector("input[name='shown_week']"));
    if (shown) shown.value = times.monday;
  }

  /** @returns {HTMLElement} */
  function turning(/** @type {string} */ way, /** @type {string} */ monday) {
    const button = /** @type {HTMLButtonElement} */ (copyOf(way));
    button.value = monday;
    return button;
  }

  /** @returns {HTMLElement} */
  function drawn(/** @type {any} */ day, /** @type {string | undefined} */ chosen) {
    const element = copyOf("day");
    find("legend", element).textContent = day.label;
    const slots = find(".slots", element);
    for (const slot of day.slots) {
      const choice = copyOf("slot");
      const input = /** @type {HTMLInputElement} */ (find("input", choice));
      input.value = slot.value;
      input.checked = slot.value === chosen;
      find("[data-label]", choice).textContent = slot.label;
      slots.append(choice);
    }
    if (!day.slots.length) {
      const none = document.createElement("p");
      none.className = "quiet";
      none.textContent = box.dataset.none ?? "";
      slots.append(none);
    }
    return element;
  }

  return { refresh };
}
