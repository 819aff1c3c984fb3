// @ts-check
/** What guest and staff rooms share: the room, its tiles, controls and list of people, and which moment it is. */

import { Media } from "../../signaling/media.js";
import { Room } from "../../signaling/room.js";
import { Controls } from "./controls.js";
import { DeviceCheck } from "./device_check.js";
import { find } from "./dom.js";
import { People } from "./people.js";
import { showEnding, showPhase } from "./phases.js";
import { Tiles } from "./tiles.js";
import { word } from "./words.js";

const TELLING = /** @type {const} */ ({ waiting: "waiting", admitted: "call" });

/**
 * Starts the device check; `join()` goes in.
 * @param {{socket: string, token?: string, who: () => {name?: string, relation?: string},
 *   prepare: (room: Room) => void}} options `prepare` is called once for each new room, before it is dialled
 */
export function call({ socket, token, who, prepare }) {
  const media = new Media();
  const check = new DeviceCheck(find("[data-check]"), media);
  const url = `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}${socket}`;
  /** @type {Room | null} */ let room = null;
  let wasInside = false;

  function join() {
    if (room) return; // pressed twice: the first press is on its way
    room = new Room({ url, media, token, ...who() });
    const tiles = find("[data-tiles]");
    tiles.replaceChildren();
    const drawn = new Tiles(tiles, room, media);
    freshControls(room);
    new People(find("[data-people]"), room);
    find("[data-sound-on] button").onclick = () => drawn.playAll();
    room.addEventListener("state", (event) => told(/** @type {CustomEvent} */ (event).detail));
    room.addEventListener("err", (event) => note(`err-${/** @type {CustomEvent} */ (event).detail.code}`));
    prepare(room);
    check.stop();
    room.join();
    media.start({ camera: !check.soundOnly });
  }

  /** A new room needs new buttons: the old ones still belong to the room that is over. */
  function freshControls(/** @type {Room} */ current) {
    const old = find("[data-controls]");
    const fresh = /** @type {HTMLElement} */ (old.cloneNode(true));
    old.replaceWith(fresh);
    new Controls(fresh, current, media);
  }

  function told(/** @type {{state: string, reason: string}} */ { state }) {
    find("[data-reconnecting]").hidden = state !== "reconnecting";
    if (state === "reconnecting") return;
    if (state in TELLING) {
      // After a restart of the service the ward lets people in anew; they should know why they wait again.
      const again = document.querySelector("[data-waiting-again]");
      if (again instanceof HTMLElement) again.hidden = !(state === "waiting" && wasInside);
      wasInside ||= state === "admitted";
      keepAwake();
      showPhase(TELLING[/** @type {"waiting"} */ (state)]);
    } else {
      room = null;
      showEnding(state, { phone: find("[data-over-text]").dataset.phone ?? "" });
    }
  }

  find("[data-again]").addEventListener("click", async () => {
    showPhase("ready");
    await check.start();
  });
  showPhase("ready");
  check.start();
  // Leaving the page is leaving the seat: others should not look at a frozen picture for half a minute.
  addEventListener("pagehide", () => room?.leave());
  return { join, media, current: () => room };
}

/** Says something small that needs no answer. */
export function note(/** @type {string} */ name, /** @type {Record<string, string>} */ values = {}) {
  const text = word(name, values, "");
  if (text) find("[data-announce]").textContent = text;
}

/** A phone that dims its screen in the waiting room drops out of it. */
async function keepAwake() {
  try {
    await navigator.wakeLock?.request("screen");
  } catch {
    // Power saving may refuse; the talk goes on, the screen dims.
  }
}
