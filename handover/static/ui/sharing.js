// @ts-check
/** Staff show their screen instead of their picture. */

import { show } from "./announce.js";
import { find } from "./dom.js";

/** Readies the button; it stays away where the browser cannot do it, as on phones. */
export function offerSharing(
  /** @type {HTMLElement} */ button,
  /** @type {import("../../signaling/room.js").Room} */ room,
  /** @type {AbortSignal} */ life,
) {
  button.hidden = !navigator.mediaDevices?.getDisplayMedia;
  const draw = () => {
    button.classList.toggle("up", room.sharing);
    find("span", button).textContent = (room.sharing ? button.dataset.on : button.dataset.off) ?? "";
  };
  button.addEventListener("click", async () => {
    try {
      await (room.sharing ? room.unshare() : room.share());
    } catch (error) {
      // Not choosing a window is an answer, not a failure.
      if (/** @type {Error} */ (error).name !== "NotAllowedError") show("share-failed");
    }
  }, { signal: life });
  room.addEventListener("sharing", (event) => {
    draw();
    show(/** @type {CustomEvent} */ (event).detail.on ? "sharing" : "sharing-over");
  });
  draw();
}
