// @ts-check
/** Microphone, camera and speaker: getting them, choosing, muting, and a plain word for each way to fail. */

import { sizeFor } from "./sizes.js";
import { Meter, playTone } from "./sound.js";

/**
 * @typedef {"denied" | "missing" | "busy" | "insecure" | "unsupported" | "web-view" | "overconstrained" | "lost" | "failed"} Problem
 * @typedef {"microphone" | "camera"} Kind
 */

/** @type {Record<string, Problem>} */
const PROBLEMS = {
  NotAllowedError: "denied",
  SecurityError: "denied",
  NotFoundError: "missing",
  NotReadableError: "busy",
  AbortError: "busy",
  OverconstrainedError: "overconstrained",
};
const IN_APP = /FBAN|FBAV|FB_IAB|Instagram|Line\/|MicroMessenger|LinkedInApp|Snapchat|; wv\)/;
const INTERRUPTED = 1000; // ms; shorter than this is a hiccup of the device
const SOUND = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };

/** Why nothing can be asked for at all, or null. */
export function obstacle() {
  if (!globalThis.isSecureContext) return /** @type {Problem} */ ("insecure");
  if ("getUserMedia" in (navigator.mediaDevices ?? {})) return null;
  return /** @type {Problem} */ (IN_APP.test(navigator.userAgent) ? "web-view" : "unsupported");
}

/** @returns {Problem} */
export function problemOf(/** @type {unknown} */ error) {
  const name = error instanceof Error || error instanceof DOMException ? error.name : "";
  return PROBLEMS[name] ?? "failed";
}

const picture = (/** @type {import("./sizes.js").Size} */ { width, height, rate }) => ({ width: { ideal: width }, height: { ideal: height }, frameRate: { ideal: rate, max: 30 } });

/**
 * What this device sends. `audio` and `video` are the live tracks or null; `problems` says why one is missing.
 * Events: `change` (a track or a problem changed), `devices` (something was plugged in or out), `fallback` (detail: {kind,
 * label}: the device in use was unplugged, and this one took its place).
 */
export class Media extends EventTarget {
  /** @type {MediaStreamTrack | null} */ audio = null;
  /** @type {MediaStreamTrack | null} */ video = null;
  /** @type {Partial<Record<Kind, Problem>>} */ problems = {};
  /** @type {Partial<Record<Kind | "speaker", string>>} */ chosen = {};
  /** @type {Meter | null} */ #meter = null;
  /** @type {Partial<Record<Kind, string>>} */ #lost = {}; // the device that ended by itself, by kind
  /** @type {Partial<Record<Kind, ReturnType<typeof setTimeout>>>} */ #silences = {};
  #size = sizeFor(2);
  #unmuted = true;
  #recovery = Promise.resolve();
  #epochs = { microphone: 0, camera: 0 }; // what was asked for before it was last switched off is let go when it comes

  constructor() {
    super();
    navigator.mediaDevices?.addEventListener?.("devicechange", () => {
      this.dispatchEvent(new Event("devices"));
      this.#recover();
    });
    globalThis.document?.addEventListener("visibilitychange", () => {
      if (!document.hidden) this.#recover(); // back from the phone call that took the microphone
    });
  }

  get microphoneOn() {
    return this.audio !== null && this.audio.enabled && !this.problems.microphone;
  }

  get cameraOn() {
    return this.video !== null && !this.problems.camera;
  }

  /** The own picture and sound as one stream, for a preview. */
  get stream() {
    return new MediaStream([this.audio, this.video].filter((track) => track !== null));
  }

  /**
   * Gets what it can and never throws. Both are asked for at once, so that people answer one question; only when that
   * fails is each asked for alone, since one missing camera must not cost the microphone.
   * @param {{microphone?: boolean, camera?: boolean}} wanted
   */
  async start({ microphone = true, camera = true } = {}) {
    /** @type {Kind[]} */ const kinds = [];
    if (microphone && (!this.audio || this.problems.microphone)) kinds.push("microphone");
    if (camera && (!this.video || this.problems.camera)) kinds.push("camera");
    if (!kinds.length) return;
    const hindered = obstacle();
    if (hindered) {
      for (const kind of kinds) this.problems[kind] = hindered;
    } else if (kinds.length === 1 || !(await this.#get(kinds))) {
      for (const kind of kinds) await this.#get([kind]);
    }
    this.#changed();
  }

  /** Mutes by silence, so that speaking again is instant. */
  async setMicrophone(/** @type {boolean} */ on) {
    this.#unmuted = on;
    if (this.audio) this.audio.enabled = on;
    if (on && (!this.audio || this.problems.microphone)) return this.start({ camera: false });
    this.#changed();
  }

  /** Off means off: the track ends and the camera's light goes out. */
  async setCamera(/** @type {boolean} */ on) {
    if (on) return this.start({ microphone: false });
    this.#letGo("camera");
    this.#changed();
  }

  /** Takes the picture at the size that is sent: the camera scales once, instead of every encoder for itself. */
  async fit(/** @type {import("./sizes.js").Size} */ size) {
    this.#size = size;
    await this.video?.applyConstraints(picture(size)).catch(() => {}); // the encoders scale what the camera cannot
  }

  /** Another device of that kind, kept for the next start too. */
  async choose(/** @type {Kind} */ kind, /** @type {string} */ deviceId) {
    this.chosen[kind] = deviceId;
    const old = kind === "microphone" ? this.audio : this.video;
    if (!old) return;
    // Phones open one camera at a time, so the old one goes first.
    this.#drop(kind);
    await this.#get([kind]);
    this.#changed();
  }

  /** Devices by kind; names are empty until one has been allowed. */
  async devices() {
    const all = (await navigator.mediaDevices?.enumerateDevices?.()) ?? [];
    const of = (/** @type {string} */ kind) => all.filter((device) => device.kind === kind);
    return { microphones: of("audioinput"), cameras: of("videoinput"), speakers: of("audiooutput") };
  }

  /** How loud the microphone is now, 0 to 1; call it from an animation frame. */
  level() {
    if (!this.audio || !this.audio.enabled) return 0;
    if (this.#meter?.track !== this.audio) {
      this.#meter?.close();
      this.#meter = new Meter(this.audio);
    }
    return this.#meter.level();
  }

  /** Two short notes on the chosen speaker; resolves when they have been played, rejects when there is no way to. */
  playTone() {
    return playTone((player) => this.speakThrough(player));
  }

  /** Sends a player's sound to the chosen speaker, where the browser lets one choose. */
  async speakThrough(/** @type {HTMLMediaElement} */ player) {
    if (this.chosen.speaker && player.setSinkId) await player.setSinkId(this.chosen.speaker);
  }

  /** Lets go of everything. */
  stop() {
    this.#letGo("microphone");
    this.#letGo("camera");
    this.#meter?.close();
    this.#meter = null;
    this.#size = sizeFor(2); // the next room may be smaller
    this.#changed();
  }

  async #get(/** @type {Kind[]} */ kinds) {
    const exact = (/** @type {Kind} */ kind) => (this.chosen[kind] ? { deviceId: { exact: this.chosen[kind] } } : {});
    const epochs = { ...this.#epochs };
    const size = this.#size;
    try {
      const stream = await navigator.mediaDevices.getUserMedia({
        audio: kinds.includes("microphone") && { ...SOUND, ...exact("microphone") },
        video: kinds.includes("camera") && { ...picture(size), ...exact("camera") },
      });
      for (const track of stream.getTracks()) {
        const kind = track.kind === "audio" ? "microphone" : "camera";
        if (epochs[kind] === this.#epochs[kind]) this.#take(kind, track);
        else track.stop();
      }
      for (const kind of kinds) {
        delete this.problems[kind];
        delete this.#lost[kind];
      }
      if (size !== this.#size) await this.fit(this.#size); // more people came meanwhile
      return true;
    } catch (error) {
      for (const kind of kinds) {
        this.problems[kind] = problemOf(error);
        if (this.problems[kind] === "overconstrained") delete this.chosen[kind]; // that device is gone; any other will do next time
      }
      return false;
    }
  }

  #take(/** @type {Kind} */ kind, /** @type {MediaStreamTrack} */ track) {
    this.#drop(kind);
    if (kind === "microphone") {
      track.enabled = this.#unmuted;
      this.audio = track;
    } else this.video = track;
    track.onended = () => {
      this.#lost[kind] = track.getSettings().deviceId ?? "";
      this.#drop(kind);
      this.problems[kind] = "lost"; // unplugged, or taken by a phone call or another program
      this.#changed();
      this.#recover({ taken: true });
    };
    // A phone call may only silence a track, and give it back afterwards.
    track.onmute = () => {
      this.#silences[kind] = setTimeout(() => {
        this.problems[kind] = "lost";
        this.#changed();
      }, INTERRUPTED);
    };
    track.onunmute = () => {
      clearTimeout(this.#silences[kind]);
      if (this.problems[kind] !== "lost") return;
      delete this.problems[kind];
      this.#changed();
    };
  }

  /**
   * After a device went by itself. A microphone that was unplugged gives way to the usual one, since the talk goes on; a
   * camera only comes back itself, since another may look where it should not. What somebody has just taken is left to
   * them: it is tried again when something is plugged in, or when the page comes back into view.
   */
  #recover({ taken = false } = {}) {
    this.#recovery = this.#recovery.then(() => this.#recoverNow(taken));
  }

  async #recoverNow(/** @type {boolean} */ taken) {
    if (globalThis.document?.hidden) return;
    const { microphones, cameras } = await this.devices();
    for (const [kind, devices] of /** @type {[Kind, MediaDeviceInfo[]][]} */ ([["microphone", microphones], ["camera", cameras]])) {
      const device = this.#lost[kind];
      if (device === undefined) continue;
      const there = devices.some(({ deviceId }) => deviceId === device);
      if (there ? taken : kind === "camera" || !devices.length) continue;
      if (there) this.chosen[kind] = device;
      else delete this.chosen[kind];
      if (!(await this.#get([kind]))) this.problems[kind] = "lost"; // still; a press finds out why
      this.#changed();
      if (!there && this.audio) this.dispatchEvent(new CustomEvent("fallback", { detail: { kind, label: this.audio.label } }));
    }
  }

  #letGo(/** @type {Kind} */ kind) {
    this.#epochs[kind]++;
    this.#drop(kind);
    delete this.#lost[kind];
    if (this.problems[kind] === "lost") delete this.problems[kind]; // nothing is missed that is switched off
  }

  #drop(/** @type {Kind} */ kind) {
    const track = kind === "microphone" ? this.audio : this.video;
    if (!track) return;
    track.onended = track.onmute = track.onunmute = null;
    clearTimeout(this.#silences[kind]);
    track.stop();
    if (kind === "microphone") this.audio = null;
    else this.video = null;
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}
