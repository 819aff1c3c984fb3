// @ts-check
/** Moving a talk: weeks, lengths and nurses without a new page. */

import { find } from "../ui/dom.js";
import { keepFreeTimes } from "../ui/free_times.js";

const form = /** @type {HTMLFormElement} */ (find("#moving"));
const typed = (/** @type {string} */ name) => String(new FormData(form).get(name) ?? "");
const { talk: moving = "", municipality = "", team = "", nurse = "", minutes = "" } = form.dataset;

const showTimes = /** @type {HTMLButtonElement} */ (find("[data-show-times] button"));

// Where only some times are shown, because one was taken, the page itself goes on.
if (form.querySelector("#times .week")) {
  const query = () => ({
    moving,
    municipality,
    team,
    nurse: typed("nurse") || nurse,
    minutes: typed("minutes") || minutes,
  });
  const times = keepFreeTimes(find("#times"), form.dataset.ask ?? "", query);
  for (const name of ["minutes", "nurse"]) {
    form.elements.namedItem(name)?.addEventListener("change", () => times.refresh(typed("shown_week"), showTimes));
  }
  find("[data-show-times]").hidden = true;
}
