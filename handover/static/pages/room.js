// @ts-check
/** The staff's room: the talk, who knocks, the offers to show, and the outcome while people talk. */

import { showWhoIsAbsent } from "../ui/absent.js";
import { show } from "../ui/announce.js";
import { call } from "../ui/call.js";
import { ask, find } from "../ui/dom.js";
import { Knocking } from "../ui/knocking.js";
import { offerMessages } from "../ui/messages.js";
import { OfferFinder } from "../ui/offer_finder.js";
import { showWhoIsOnThePhone } from "../ui/on_phone.js";
import { redrawOutcome } from "../ui/outcome_panel.js";
import { offerSharing } from "../ui/sharing.js";
import { offerEnding, showHands } from "../ui/staff_tools.js";

const STILL_HERE = 10 * 60_000; // ms
const page = find("[data-room]");
const address = `/talks/${page.dataset.room}`;

const finder = new OfferFinder(find("[data-finder]"), address);
const outcome = find("[data-outcome]");

const talk = call({
  socket: page.dataset.socket ?? "",
  rosterKey: page.dataset.rosterKey,
  staff: true,
  who: () => ({}),
  prepare(room, life) {
    new Knocking(find("[data-knocking]"), room);
    showWhoIsOnThePhone(find("[data-on-phone]"), room, `${address}/absent`);
    showWhoIsAbsent(find("[data-absent]"), room, address, outcome);
    offerSharing(find("[data-control=share]"), room, life);
    offerMessages(find("[data-notify]"), (code) => room.notify(code), life);
    showHands(find("[data-hands]"), room);
    offerEnding(find("[data-end]"), room, life);
    room.addEventListener("event", (event) => {
      if (/** @type {CustomEvent} */ (event).detail?.kind === "shown") refresh();
    });
    room.addEventListener("state", () => {
      if (room.state === "admitted") refresh();
    });
  },
});

function refresh() {
  finder.refresh();
  redrawOutcome(outcome, address);
}

// A long talk without a press would run into the session's idle time, and the outcome could not be saved.
setInterval(() => {
  if (talk.current()) ask(`${address}/shown`).catch(() => {}); // off the line just now: the next time counts
}, STILL_HERE);

find("[data-join-now]").addEventListener("click", () => talk.join());

const company = /** @type {HTMLFormElement} */ (find("form[data-company]"));
company.addEventListener("submit", (event) => {
  event.preventDefault();
  const people = String(new FormData(company).get("company") ?? "");
  talk.current()?.setCompany(people.split(",").map((name) => name.trim()).filter(Boolean));
  show("company-noted");
});
