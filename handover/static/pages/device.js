// @ts-check
/** The ward's tablet: one press to enter, a person lets it in, and when it is over nothing is left on it. */

import { forgetThisDevice } from "../../signaling/device.js";
import { call } from "../ui/call.js";
import { find } from "../ui/dom.js";
import { showWhoIsOnThePhone } from "../ui/on_phone.js";
import { Shown } from "../ui/shown.js";

const EMPTY = "/tablet";
const OVER = ["left", "ended", "removed", "declined", "refused"];
const page = find("[data-tablet]");
const shown = new Shown(find("[data-shown]"), `${location.pathname}/shown`);

let pressedLeave = false;

const talk = call({
  socket: page.dataset.socket ?? "",
  token: location.pathname.split("/").pop() ?? "",
  rosterKey: page.dataset.rosterKey,
  who: () => ({}),
  prepare(room) {
    showWhoIsOnThePhone(find("[data-on-phone]"), room, `${location.pathname}/people`);
    room.addEventListener("event", (event) => {
      if (/** @type {CustomEvent} */ (event).detail?.kind === "shown") shown.refresh();
    });
    room.addEventListener("state", () => {
      if (room.state === "admitted") shown.refresh();
    });
  },
  over(state) {
    if (!OVER.includes(state)) return false;
    // A page that is loaded anew leaves too, and comes back to its seat.
    if (state === "left" && !pressedLeave) return true;
    // The next patient's hands: no way back by the browser, and whoever finds the address has to knock anew.
    forgetThisDevice();
    location.replace(EMPTY);
    return true;
  },
  phones: { own: "", ward: page.dataset.wardPhone ?? "" },
});

find("[data-enter]").addEventListener("click", () => talk.join());
addEventListener("click", (event) => (pressedLeave ||= Boolean(/** @type {Element} */ (event.target).closest("[data-control=leave]"))), { capture: true });
