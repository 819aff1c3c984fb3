// @ts-check
/** A guest's page: getting ready, waiting, the talk, and what was shown. The page stays, so the camera stays. */

import { call } from "../ui/call.js";
import { find, tell } from "../ui/dom.js";
import { showWhoIsOnThePhone } from "../ui/on_phone.js";
import { Shown } from "../ui/shown.js";

const page = find("[data-join]");
const form = /** @type {HTMLFormElement} */ (find("form[data-ready]"));
const token = location.pathname.split("/").pop() ?? "";
const shown = new Shown(find("[data-shown]"), `/j/${token}/shown`);

function said() {
  const fields = new FormData(form);
  return { name: String(fields.get("name") ?? "").trim(), relation: String(fields.get("relation") ?? "") };
}

const talk = call({
  socket: page.dataset.socket ?? "",
  token,
  rosterKey: page.dataset.rosterKey,
  phones: { own: page.dataset.phone ?? "", ward: page.dataset.wardPhone ?? "" },
  who: said,
  prepare(room) {
    showWhoIsOnThePhone(find("[data-on-phone]"), room, `/j/${token}/people`);
    room.addEventListener("event", (event) => {
      if (/** @type {CustomEvent} */ (event).detail?.kind === "shown") shown.refresh();
    });
    room.addEventListener("state", () => {
      if (room.state === "admitted") shown.refresh();
    });
  },
});

form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (!form.reportValidity()) return;
  const wrong = find("[data-wrong]");
  wrong.hidden = true;
  // The door is dialled at once; a name the server cannot use is told when its answer comes.
  tell(location.pathname, said()).catch((error) => {
    wrong.textContent = error.message;
    wrong.hidden = false;
  });
  talk.join();
});
