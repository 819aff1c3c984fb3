// @ts-check
/** The row of buttons: microphone, camera, sound only, leave. */

import { find } from "./dom.js";

export class Controls {
  #root;
  #room;
  #media;

  constructor(
    /** @type {HTMLElement} */ root,
    /** @type {import("../../signaling/room.js").Room} */ room,
    /** @type {import("../../signaling/media.js").Media} */ media,
  ) {
    this.#root = root;
    this.#room = room;
    this.#media = media;
    this.#button("microphone").addEventListener("click", () => media.setMicrophone(!media.microphoneOn));
    this.#button("camera").addEventListener("click", () => media.setCamera(!media.cameraOn));
    this.#button("sound-only").addEventListener("click", async () => {
      await room.setPictures(!room.pictures);
      this.#draw();
    });
    this.#button("leave").addEventListener("click", () => room.leave());
    media.addEventListener("change", () => this.#draw());
    this.#draw();
  }

  #button(/** @type {string} */ name) {
    return /** @type {HTMLButtonElement} */ (find(`[data-control="${name}"]`, this.#root));
  }

  #draw() {
    this.#say(this.#button("microphone"), this.#media.microphoneOn);
    this.#say(this.#button("camera"), this.#media.cameraOn);
    this.#button("camera").disabled = !this.#room.pictures;
    this.#button("sound-only").setAttribute("aria-pressed", String(!this.#room.pictures));
  }

  /** The button says what pressing it does. */
  #say(/** @type {HTMLButtonElement} */ button, /** @type {boolean} */ on) {
    button.classList.toggle("off", !on);
    find("span", button).textContent = (on ? button.dataset.on : button.dataset.off) ?? "";
  }
}
