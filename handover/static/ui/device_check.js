// @ts-check
/** Own picture, microphone level and speaker before the talk, and a way out of whatever goes wrong. */

import { find } from "./dom.js";
import { word } from "./words.js";

/** @typedef {import("../../signaling/media.js").Media} Media */

const PROBLEM_ORDER = /** @type {const} */ (["camera", "microphone"]);

export class DeviceCheck {
  #root;
  #media;
  #running = false;
  /** @type {Promise<import("./network_check.js").NetworkCheck> | undefined} */ #network;

  constructor(/** @type {HTMLElement} */ root, /** @type {Media} */ media) {
    this.#root = root;
    this.#media = media;
    media.addEventListener("change", () => this.#draw());
    media.addEventListener("devices", () => this.#listDevices());
    find("[data-try-again]", root).addEventListener("click", () => this.#ask());
    find("[data-play-sound]", root).addEventListener("click", () => this.#playSound());
    find("[data-copy-link]", root).addEventListener("click", () => this.#copyLink());
    this.#soundOnly?.addEventListener("change", () => media.setCamera(!this.soundOnly));
    for (const kind of /** @type {const} */ (["camera", "microphone"])) {
      const select = this.#select(kind);
      select.addEventListener("change", () => media.choose(kind, select.value));
    }
    this.#select("speaker").addEventListener("change", () => {
      media.chosen.speaker = this.#select("speaker").value;
    });
    this.#offerNetworkCheck();
  }

  get #soundOnly() {
    return /** @type {HTMLInputElement | null} */ (this.#root.querySelector("[name=sound_only]"));
  }

  /** Whether they want to join without a picture. */
  get soundOnly() {
    return this.#soundOnly?.checked ?? false;
  }

  /** Whether they want to be seen large, because they sign. */
  get signing() {
    return /** @type {HTMLInputElement | null} */ (this.#root.querySelector("[name=signing]"))?.checked ?? false;
  }

  /** Asks for camera and microphone and begins to show them. */
  async start() {
    this.#running = true;
    this.#measure();
    await this.#ask();
  }

  /** The check is over; the camera goes on. */
  stop() {
    this.#running = false;
    this.#network?.then((check) => check.stop());
  }

  /** Its script is fetched by the first press: most who come to a talk do not test the connection. */
  #offerNetworkCheck() {
    const panel = this.#root.querySelector("[data-network-check]");
    if (!(panel instanceof HTMLElement)) return;
    panel.hidden = false;
    find("[data-test]", panel).addEventListener("click", async () => {
      try {
        this.#network ??= import("./network_check.js").then(({ NetworkCheck }) => new NetworkCheck(panel, this.#media));
        (await this.#network).run();
      } catch {
        this.#network = undefined;
        const refused = find("[data-refused]", panel);
        refused.textContent = word("not-reached");
        refused.hidden = false;
      }
    });
  }

  async #ask() {
    await this.#media.start({ camera: !this.soundOnly });
    await this.#listDevices();
  }

  #draw() {
    const preview = /** @type {HTMLVideoElement} */ (find(".preview video", this.#root));
    preview.srcObject = this.#media.video ? new MediaStream([this.#media.video]) : null;
    preview.hidden = !this.#media.video;
    const problems = PROBLEM_ORDER.filter((kind) => this.#media.problems[kind] && !(kind === "camera" && this.soundOnly));
    const box = find("[data-problem]", this.#root);
    box.hidden = problems.length === 0;
    // Both fail together for the same reason nearly always: one sentence about both says it better than two.
    const [first, second] = problems;
    const same = first && second && this.#media.problems[first] === this.#media.problems[second];
    const sentences = same ? [`both-${this.#media.problems[first]}`] : problems.map((kind) => `${kind}-${this.#media.problems[kind]}`);
    find("[data-problem-text]", this.#root).textContent = sentences.map((name) => word(name, {}, word("device-failed"))).join(" ");
    find("[data-copy-link]", this.#root).hidden = !problems.some((kind) => this.#media.problems[kind] === "web-view");
    find("[data-heard]", this.#root).hidden = !this.#media.audio;
  }

  #measure() {
    const meter = find(".level", this.#root);
    const heard = find("[data-heard]", this.#root);
    const step = () => {
      if (!this.#running) return;
      const level = this.#media.level();
      meter.dataset.level = String(Math.round(level * 5));
      if (level > 0.2) heard.dataset.sure = "";
      find("[data-heard-yes]", heard).hidden = !("sure" in heard.dataset);
      find("[data-heard-not-yet]", heard).hidden = "sure" in heard.dataset;
      setTimeout(() => requestAnimationFrame(step), 100);
    };
    requestAnimationFrame(step);
  }

  async #listDevices() {
    const { cameras, microphones, speakers } = await this.#media.devices();
    this.#fill("camera", cameras, this.#media.video);
    this.#fill("microphone", microphones, this.#media.audio);
    this.#fill("speaker", "setSinkId" in HTMLMediaElement.prototype ? speakers : [], null);
  }

  #fill(/** @type {string} */ kind, /** @type {MediaDeviceInfo[]} */ devices, /** @type {MediaStreamTrack | null} */ track) {
    const select = this.#select(kind);
    const named = devices.filter((device) => device.label);
    select.replaceChildren(...named.map((device) => new Option(device.label, device.deviceId)));
    const used = track?.getSettings().deviceId ?? this.#media.chosen[/** @type {"speaker"} */ (kind)];
    if (used) select.value = used;
    find(`[data-device="${kind}"]`, this.#root).hidden = named.length < 2;
  }

  #select(/** @type {string} */ kind) {
    return /** @type {HTMLSelectElement} */ (find(`[name=${kind}]`, this.#root));
  }

  async #playSound() {
    const said = find("[data-speaker-said]", this.#root);
    said.textContent = "";
    try {
      await this.#media.playTone();
      said.textContent = word("speaker-played");
    } catch {
      said.textContent = word("speaker-failed");
    }
  }

  async #copyLink() {
    try {
      await navigator.clipboard.writeText(location.href);
      find("[data-problem-text]", this.#root).textContent = word("link-copied");
    } catch {
      find("[data-problem-text]", this.#root).textContent = word("link-not-copied");
    }
  }
}
