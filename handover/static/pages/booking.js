// @ts-check
/** Booking: the first free time as soon as the municipality is known, weeks and lines for people without a new page. */

import { ask, find } from "../ui/dom.js";
import { keepFreeTimes } from "../ui/free_times.js";
import { addLines } from "../ui/people_lines.js";

const form = /** @type {HTMLFormElement} */ (find("#booking"));
const address = form.dataset.ask ?? "";
const typed = (/** @type {string} */ name) => String(new FormData(form).get(name) ?? "");
const field = (/** @type {string} */ name) => /** @type {HTMLInputElement} */ (form.elements.namedItem(name));
const minutes = () => typed("minutes") || (typed("interpreter") ? "60" : "30");

if (form.dataset.step === "who") {
  const says = find("#municipality-says");
  const tell = async () => {
    const municipality = typed("municipality");
    says.textContent = "";
    if (!municipality) return;
    let sentence;
    try {
      const times = await ask(`${address}?${new URLSearchParams({ municipality, minutes: minutes() })}`);
      if (!("first" in times)) return; // half typed
      sentence = times.first ? (says.dataset.free ?? "").replace("{when}", times.first) : says.dataset.full;
    } catch (error) {
      sentence = error instanceof Error ? error.message : "";
    }
    if (municipality === typed("municipality")) says.textContent = sentence ?? "";
  };
  field("municipality").addEventListener("change", tell);
  field("interpreter").addEventListener("change", tell);
  tell();

  const basis = find("[data-behalf]").closest(".field");
  const showBasis = () => basis?.toggleAttribute("hidden", typed("consent.0.how") !== "behalf");
  form.addEventListener("change", showBasis);
  showBasis();
  addLines(form);
}

// Where only some times are shown, because one was taken, the page itself goes on.
if (form.dataset.step === "when" && form.querySelector("#times .week")) {
  const showTimes = /** @type {HTMLButtonElement} */ (find("[data-show-times] button"));
  const query = () => ({
    municipality: typed("municipality"),
    minutes: minutes(),
    nurse: typed("nurse"),
    team: typed("team"),
  });
  const times = keepFreeTimes(find("#times"), address, query);
  for (const name of ["minutes", "nurse", "team"]) {
    field(name)?.addEventListener("change", () => times.refresh(typed("shown_week"), showTimes));
  }
  find("[data-show-times]").hidden = true;
}
