// @ts-check
/** Microphone, camera and speaker: getting them, choosing, muting, and a plain word for each way to fail. */

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
const PICTURE = { width: { ideal: 640 }, height: { ideal: 480 }, frameRate: { ideal: 24, max: 30 } };
const SOUND = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };

/** Why nothing can be asked for at all, or null. */
export function obstacle() {
  if (!globalThis.isSecureContext) return /** @type {Problem} */ ("insecure");
  if (navigator.mediaDevices?.getUserMedia) return null;
  return /** @type {Problem} */ (IN_APP.test(navigator.userAgent) ? "web-view" : "unsupported");
}

/** @returns {Problem} */
export function problemOf(/** @type {unknown} */ error) {
  const name = error instanceof Error || error instanceof DOMException ? error.name : "";
  return PROBLEMS[name] ?? "failed";
}

/**
 * What this device sends. `audio` and `video` are the live tracks or null; `problems` says why one is missing.
 * Events: `change` (a track or a problem changed), `devices` (something was plugged in or out).
 */
export class Media extends EventTarget {
  /** @type {MediaStreamTrack | null} */ audio = null;
  /** @type {MediaStreamTrack | null} */ video = null;
  /** @type {Partial<Record<Kind, Problem>>} */ problems = {};
  /** @type {Partial<Record<Kind | "speaker", string>>} */ chosen = {};
  /** @type {{context: AudioContext, source: AudioNode, analyser: AnalyserNode, track: MediaStreamTrack} | null} */ #meter = null;
  #unmuted = true;
  #epoch = 0; // what was asked for before the last stop is let go when it comes

  constructor() {
    super();
    navigator.mediaDevices?.addEventListener?.("devicechange", () => this.dispatchEvent(new Event("devices")));
  }

  get microphoneOn() {
    return this.audio !== null && this.audio.enabled;
  }

  get cameraOn() {
    return this.video !== null;
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
    if (microphone && !this.audio) kinds.push("microphone");
    if (camera && !this.video) kinds.push("camera");
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
    else if (on) return this.start({ camera: false });
    this.#changed();
  }

  /** Off means off: the track ends and the camera's light goes out. */
  async setCamera(/** @type {boolean} */ on) {
    if (on) return this.start({ microphone: false });
    this.#epoch++;
    this.#drop("camera");
    this.#changed();
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
      this.#closeMeter();
      const context = new AudioContext();
      const analyser = context.createAnalyser();
      analyser.fftSize = 512;
      const source = context.createMediaStreamSource(new MediaStream([this.audio]));
      source.connect(analyser);
      this.#meter = { context, source, analyser, track: this.audio };
    }
    const { context, analyser } = this.#meter;
    if (context.state === "suspended") context.resume();
    const samples = new Float32Array(analyser.fftSize);
    analyser.getFloatTimeDomainData(samples);
    const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
    // Speech lies between -50 and -10 dB; the ear, too, counts in decibels.
    return power > 0 ? Math.min(1, Math.max(0, (10 * Math.log10(power) + 55) / 45)) : 0;
  }

  /** Two short notes on the chosen speaker; resolves when they have been played, rejects when there is no way to. */
  async playTone() {
    const context = new AudioContext();
    try {
      await context.resume();
      const out = context.createMediaStreamDestination();
      const gain = context.createGain();
      const oscillator = context.createOscillator();
      oscillator.connect(gain).connect(out);
      oscillator.frequency.setValueAtTime(523, context.currentTime);
      oscillator.frequency.setValueAtTime(659, context.currentTime + 0.35);
      gain.gain.setValueAtTime(0, context.currentTime);
      gain.gain.linearRampToValueAtTime(0.3, context.currentTime + 0.05);
      gain.gain.setValueAtTime(0.3, context.currentTime + 0.65);
      gain.gain.linearRampToValueAtTime(0, context.currentTime + 0.7);
      const player = new Audio();
      player.srcObject = out.stream;
      await this.speakThrough(player);
      const ended = new Promise((resolve) => (oscillator.onended = resolve));
      await player.play();
      oscillator.start();
      oscillator.stop(context.currentTime + 0.75);
      await ended;
    } finally {
      await context.close();
    }
  }

  /** Sends a player's sound to the chosen speaker, where the browser lets one choose. */
  async speakThrough(/** @type {HTMLMediaElement} */ player) {
    if (this.chosen.speaker && player.setSinkId) await player.setSinkId(this.chosen.speaker);
  }

  /** Lets go of everything. */
  stop() {
    this.#epoch++;
    this.#drop("microphone");
    this.#drop("camera");
    this.#closeMeter();
    this.#changed();
  }

  async #get(/** @type {Kind[]} */ kinds) {
    const exact = (/** @type {Kind} */ kind) => (this.chosen[kind] ? { deviceId: { exact: this.chosen[kind] } } : {});
    const epoch = this.#epoch;
    try {
      const stream = await navigator.mediaDevices.getUserMedia({
        audio: kinds.includes("microphone") && { ...SOUND, ...exact("microphone") },
        video: kinds.includes("camera") && { ...PICTURE, ...exact("camera") },
      });
      for (const track of stream.getTracks()) {
        if (epoch === this.#epoch) this.#take(track);
        else track.stop();
      }
      for (const kind of kinds) delete this.problems[kind];
      return true;
    } catch (error) {
      for (const kind of kinds) {
        this.problems[kind] = problemOf(error);
        if (this.problems[kind] === "overconstrained") delete this.chosen[kind]; // that device is gone; any other will do next time
      }
      return false;
    }
  }

  #take(/** @type {MediaStreamTrack} */ track) {
    const kind = track.kind === "audio" ? "microphone" : "camera";
    this.#drop(kind);
    if (kind === "microphone") {
      track.enabled = this.#unmuted;
      this.audio = track;
    } else this.video = track;
    track.onended = () => {
      this.#drop(kind);
      this.problems[kind] = "lost"; // unplugged, or taken by a phone call
      this.#changed();
    };
  }

  #drop(/** @type {Kind} */ kind) {
    const track = kind === "microphone" ? this.audio : this.video;
    if (!track) return;
    track.onended = null;
    track.stop();
    if (kind === "microphone") this.audio = null;
    else this.video = null;
  }

  #closeMeter() {
    this.#meter?.context.close();
    this.#meter = null;
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}
