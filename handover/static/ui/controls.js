// @ts-check
/** The row of buttons: microphone, camera, sound only, hand, text, leave; a page may do without hand, text and sign. */

import { show } from "./announce.js";
import { find } from "./dom.js";
import { word } from "./words.js";

export class Controls {
  #room;
  #media;
  #within;

  /**
   * @param {ParentNode} within
   * @param {import("../../signaling/room.js").Room} room
   * @param {import("../../signaling/media.js").Media} media
   * @param {AbortSignal} life ends with the room: its buttons are pressed for the next one then
   */
  constructor(within, room, media, life) {
    this.#room = room;
    this.#media = media;
    this.#within = within;
    this.#press("microphone", () => this.#turn("microphone", !media.microphoneOn), life);
    this.#press("camera", () => this.#turn("camera", !media.cameraOn), life);
    this.#press("sound-only", () => room.setPictures(!room.pictures), life);
    this.#press("hand", () => room.setHand(!room.hand), life);
    this.#press("sign", () => room.setSigning(!room.signing), life);
    this.#press("leave", () => room.leave(), life);
    media.addEventListener("change", () => this.#draw(), { signal: life });
    this.#draw();
  }

  #button(/** @type {string} */ name) {
    return /** @type {HTMLButtonElement | null} */ (this.#within.querySelector(`[data-control="${name}"]`));
  }

  #press(/** @type {string} */ name, /** @type {() => unknown} */ act, /** @type {AbortSignal} */ life) {
    const pressed = async () => {
      await act();
      this.#draw();
    };
    this.#button(name)?.addEventListener("click", pressed, { signal: life });
  }

  /** Who came in without a microphone or camera and now presses for it is told why it does not start. */
  async #turn(/** @type {import("../../signaling/media.js").Kind} */ kind, /** @type {boolean} */ on) {
    await (kind === "microphone" ? this.#media.setMicrophone(on) : this.#media.setCamera(on));
    const problem = this.#media.problems[kind];
    if (on && problem) show(word(`${kind}-${problem}`, {}, "") ? `${kind}-${problem}` : `both-${problem}`);
  }

  #draw() {
    const { pictures, hand, signing } = this.#room;
    this.#say("microphone", this.#media.microphoneOn);
    this.#say("camera", this.#media.cameraOn);
    this.#say("hand", hand);
    const camera = this.#button("camera");
    if (camera) camera.disabled = !pictures;
    this.#button("hand")?.classList.toggle("up", hand);
    this.#button("sound-only")?.setAttribute("aria-pressed", String(!pictures));
    this.#button("sign")?.setAttribute("aria-pressed", String(signing));
  }

  /** The button says what pressing it does. */
  #say(/** @type {string} */ name, /** @type {boolean} */ on) {
    const button = this.#button(name);
    if (!button) return;
    if (name !== "hand") button.classList.toggle("off", !on);
    find("span", button).textContent = (on ? button.dataset.on : button.dataset.off) ?? "";
  }
}
