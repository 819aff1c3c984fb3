// @ts-check
/** What guest and staff rooms share: the room, what the page shows of it, and which moment it is. */

import { Media } from "../../signaling/media.js";
import { Room } from "../../signaling/room.js";
import { show } from "./announce.js";
import { stayAwake } from "./awake.js";
import { showCheckCode } from "./check_code.js";
import { Controls } from "./controls.js";
import { DeviceCheck } from "./device_check.js";
import { find, maybe } from "./dom.js";
import { Line } from "./line.js";
import { People } from "./people.js";
import { showEnding, showPhase } from "./phases.js";
import { Tiles } from "./tiles.js";
import { showTimeLeft } from "./time_left.js";
import { Trouble } from "./trouble.js";
import { word } from "./words.js";

const TELLING = /** @type {const} */ ({ waiting: "waiting", admitted: "call" });

/**
 * Starts the device check; `join()` goes in.
 * @param {{socket: string, token?: string, rosterKey?: string, who: () => {name?: string, relation?: string},
 *   prepare: (room: Room, life: AbortSignal) => void, staff?: boolean, over?: (state: string) => boolean,
 *   phones?: {own: string, ward: string}}} options `prepare` is called once for each new room, before it is dialled, with
 *   a signal that ends with it; `staff` see how good the others' lines are; `over` may answer true to keep the page from
 *   showing its own ending; `phones` are told when the connection is lost
 */
export function call({ socket, token, rosterKey, who, prepare, staff = false, over = () => false, phones = { own: "", ward: "" } }) {
  const media = new Media();
  const check = new DeviceCheck(find("[data-check]"), media);
  const url = `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}${socket}`;
  /** @type {Room | null} */ let room = null;
  let life = new AbortController();
  let wasInside = false;
  const awake = stayAwake(() => room !== null);

  function join() {
    if (room) return; // pressed twice: the first press is on its way
    life = new AbortController();
    room = new Room({ url, media, token, rosterKey, ...who() });
    furnish(room, life.signal);
    room.addEventListener("state", (event) => told(/** @type {CustomEvent} */ (event).detail));
    room.addEventListener("err", (event) => {
      const { code } = /** @type {CustomEvent} */ (event).detail;
      show(`err-${code}`);
    });
    prepare(room, life.signal);
    check.stop();
    room.setSigning(check.signing);
    room.join();
    awake();
    media.start({ camera: !check.soundOnly });
  }

  /** Everything on the page that belongs to one room; a page may do without some of it. */
  function furnish(/** @type {Room} */ current, /** @type {AbortSignal} */ signal) {
    const tiles = new Tiles(find("[data-tiles]"), current, media, { staff, life: signal });
    new Controls(document, current, media, signal);
    new People(find("[data-people]"), current, { staff });
    new Line(current, { staff, phones, life: signal });
    new Trouble(find("[data-trouble]"), media, { life: signal, again: ({ camera }) => again(current, tiles, camera) });
    find("[data-sound-on] button").addEventListener("click", () => tiles.playAll(), { signal });
    const texts = maybe("[data-texts]");
    if (texts) offerTexts(texts, current, signal);
    const code = maybe("[data-code]");
    if (code) showCheckCode(code, current);
    const notice = maybe("[data-notice]");
    if (notice) current.addEventListener("notice", (event) => tellNotice(notice, /** @type {CustomEvent} */ (event).detail.message));
  }

  /** Few write: its script comes with the first press, or with somebody else's first letter. */
  function offerTexts(/** @type {HTMLElement} */ root, /** @type {Room} */ current, /** @type {AbortSignal} */ signal) {
    const button = maybe("[data-control=text]");
    /** @type {Promise<import("./texts.js").Texts> | undefined} */ let loaded;
    const then = async (/** @type {(texts: import("./texts.js").Texts) => void} */ act) => {
      loaded ??= import("./texts.js").then(({ Texts }) => new Texts(root, current, button, signal));
      try {
        act(await loaded);
      } catch {
        loaded = undefined; // off the line just now: the next press or letter fetches it
        show("not-reached");
      }
    };
    current.addEventListener("text", (event) => then((texts) => texts.heard(/** @type {CustomEvent} */ (event).detail)));
    button?.addEventListener("click", () => then((texts) => texts.toggle()), { signal });
  }

  /** After a phone call: the same seat, without the check. A press is what browsers want for sound and microphone. */
  async function again(/** @type {Room} */ current, /** @type {Tiles} */ tiles, /** @type {boolean} */ camera) {
    tiles.playAll();
    if (current.state === "reconnecting") current.redial();
    await media.start({ camera: camera && current.pictures });
  }

  function tellNotice(/** @type {HTMLElement} */ place, /** @type {string} */ message) {
    const text = message && word(`notice-${message}`, { phone: phones.ward }, "");
    find("p", place).textContent = text;
    place.hidden = !text;
  }

  function told(/** @type {{state: string}} */ { state }) {
    if (state === "reconnecting") return;
    if (state in TELLING) {
      // After a restart of the service the ward lets people in anew; they should know why they wait again.
      const again = maybe("[data-waiting-again]");
      if (again) again.hidden = !(state === "waiting" && wasInside);
      wasInside ||= state === "admitted";
      showPhase(TELLING[/** @type {"waiting"} */ (state)]);
    } else {
      room = null;
      life.abort();
      awake();
      if (!over(state)) showEnding(state, { phone: find("[data-over-text]").dataset.phone ?? "" });
    }
  }

  find("[data-again]").addEventListener("click", async () => {
    showPhase("ready");
    await check.start();
  });
  showPhase("ready");
  check.start();
  showTimeLeft();
  // Leaving the page is leaving the seat: others should not look at a frozen picture for half a minute.
  addEventListener("pagehide", () => room?.leave());
  return { join, media, current: () => room };
}
