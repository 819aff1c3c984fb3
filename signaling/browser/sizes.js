// @ts-check
/** What a picture may cost: by the number of devices first, then in smaller steps on a poor line. Pure; times in ms. */

/**
 * @typedef {{width: number, height: number, rate: number, bits: number}} Size pixels, frames and bits a second
 * @typedef {{loss: number, available: number | null, rate: number | null, source: number | null, bits: number}} Strain
 *   how the way there is: share of packets lost, bits a second the line seems to carry, frames a second encoded and taken,
 *   bits a second that the size asks for
 */

/** Every device encodes its picture once for each other one, and a ward's tablet has to keep up with that. */
const SIZES = [
  { devices: 3, width: 640, height: 480, rate: 24, bits: 800_000 },
  { devices: 4, width: 480, height: 360, rate: 20, bits: 350_000 },
  { devices: 5, width: 320, height: 240, rate: 20, bits: 200_000 },
  { devices: 6, width: 320, height: 240, rate: 20, bits: 150_000 },
];
/** Hands are read from small, quick movements, so whoever signs stays large in any company. */
const SIGNED = { width: 640, height: 480, rate: 24, bits: 800_000 };
/** Text on a screen needs its pixels more than its movement. */
const SCREEN = { width: 1920, height: 1080, rate: 10, bits: 1_200_000 };
export const SPEECH_BITS = 32_000;

/** A poor line costs pixels first, then the picture, and never the sound. */
const STEPS = [
  { side: 1, bits: 1, rate: 10 },
  { side: 0.75, bits: 0.6, rate: 7 },
  { side: 0.5, bits: 0.35, rate: 5 },
];
const POOR = 0.03;
const AWFUL = 0.08;
const LEAST_BITS = 150_000;
const OF_BITS = 0.6; // of what the size asks for, where that is less
/** Twenty a second are the aim, and below this one sees it. A camera that itself gives less is as good as it gets. */
const LEAST_RATE = 18;
const OF_SOURCE = 0.9;
const SHRINK_AFTER = 4000;
const GROW_AFTER = 10_000;
const OFF_AFTER = 8000;
const ON_AFTER = 20_000;
const TURNS_WITHIN = 60_000; // two at most: a picture that comes and goes is worse than none

/** @returns {Size} */
export function sizeFor(/** @type {number} */ devices, signing = false) {
  if (signing) return SIGNED;
  const { width, height, rate, bits } = SIZES.find((size) => devices <= size.devices) ?? SIZES[SIZES.length - 1];
  return { width, height, rate, bits };
}

/**
 * The sender's encoding. A screen gives up frames and bits before pixels, a camera pixels and bits before frames.
 * @param {{size: Size, step: number, active: boolean, screen: boolean, track: {width?: number, height?: number}}} of
 */
export function encodingFor({ size, step, active, screen, track }) {
  const { side, bits, rate } = STEPS[step];
  const wanted = screen ? SCREEN : size;
  const short = wanted.height * (screen ? 1 : side); // a phone held upright swaps width and height
  const { width = short, height = short } = track;
  return {
    active,
    maxBitrate: Math.round(wanted.bits * bits),
    maxFramerate: screen ? rate : wanted.rate,
    scaleResolutionDownBy: Math.max(1, Math.min(width, height) / short),
  };
}

/** Which step the picture to one other seat is at, and whether it is sent at all. */
export class Steps {
  step = 0;
  /** @type {Record<string, number>} */ #since = {};
  /** @type {number[]} */ #turns = [];

  constructor(on = true) {
    this.on = on;
    if (!on) this.step = STEPS.length - 1;
  }

  /**
   * Takes in how the way there is now; true when something changes. One who signs speaks by the picture: it shrinks later
   * than any other, and is never paused.
   * @param {Strain} strain @param {number} now @param {boolean} [signing]
   */
  take({ loss, available, rate, source, bits }, now, signing = false) {
    const slow = this.on && rate !== null && source !== null && rate < Math.min(LEAST_RATE, source * OF_SOURCE);
    const patience = SHRINK_AFTER * (signing ? 2 : 1);
    const good = this.#held("good", loss < POOR && !slow, now);
    const poor = this.#held("poor", loss >= POOR || slow, now);
    // While nothing is sent, nobody measures what the line would carry.
    const narrow = this.on && available !== null && available < Math.min(LEAST_BITS, bits * OF_BITS);
    const awful = this.#held("awful", loss > AWFUL || narrow, now);
    if (this.on ? awful >= OFF_AFTER && !signing : good >= ON_AFTER) return this.#turn(now);
    if (!this.on) return false;
    if (poor >= patience && this.step < STEPS.length - 1) return this.#to(this.step + 1, "poor", now);
    if (good >= GROW_AFTER && this.step > 0) return this.#to(this.step - 1, "good", now);
    return false;
  }

  #turn(/** @type {number} */ now) {
    this.#turns = this.#turns.filter((at) => now - at < TURNS_WITHIN);
    if (this.#turns.length >= 2) return false;
    this.#turns.push(now);
    this.on = !this.on;
    this.#since = this.on ? { good: now } : {};
    this.step = STEPS.length - 1; // comes back small, and grows
    return true;
  }

  /** One step, and as long again until the next. */
  #to(/** @type {number} */ step, /** @type {string} */ why, /** @type {number} */ now) {
    this.step = step;
    this.#since[why] = now;
    return true;
  }

  /** For how long a condition has held. */
  #held(/** @type {string} */ name, /** @type {boolean} */ holds, /** @type {number} */ now) {
    if (!holds) {
      delete this.#since[name];
      return -1;
    }
    return now - (this.#since[name] ??= now);
  }
}
