// @ts-check
/** How loud something is, and a tone to try the speaker with. */

/** Loudness from 0 to 1 of a signal's power: speech lies between -50 and -10 dB, and the ear counts in decibels too. */
export function loudness(/** @type {number} */ power) {
  return power > 0 ? Math.min(1, Math.max(0, (10 * Math.log10(power) + 55) / 45)) : 0;
}

/** Listens to one track. */
export class Meter {
  #context = new AudioContext();
  #analyser = this.#context.createAnalyser();
  #samples;

  constructor(/** @type {MediaStreamTrack} */ track) {
    this.track = track;
    this.#analyser.fftSize = 512;
    this.#samples = new Float32Array(this.#analyser.fftSize);
    this.#context.createMediaStreamSource(new MediaStream([track])).connect(this.#analyser);
  }

  level() {
    if (this.#context.state === "suspended") this.#context.resume();
    this.#analyser.getFloatTimeDomainData(this.#samples);
    return loudness(this.#samples.reduce((sum, sample) => sum + sample * sample, 0) / this.#samples.length);
  }

  close() {
    this.#context.close();
  }
}

/**
 * Two short notes; resolves when they have been played, rejects when there is no way to.
 * @param {(player: HTMLMediaElement) => Promise<void>} route sends the player to the right speaker
 */
export async function playTone(route) {
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
    await route(player);
    const ended = new Promise((resolve) => (oscillator.onended = resolve));
    await player.play();
    oscillator.start();
    oscillator.stop(context.currentTime + 0.75);
    await ended;
  } finally {
    await context.close();
  }
}
