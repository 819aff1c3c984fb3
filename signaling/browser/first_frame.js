// @ts-check
/** How long the first picture of another took, from when there was somebody to connect with. Noted once. */

const LOOK = 100; // ms
const NONE = 30_000; // so long without a picture: there is none to come

export class FirstFrame {
  /** @type {ReturnType<typeof setInterval> | undefined} */ #looking;
  /** @type {number | null | undefined} */ #took;
  #reported = false;
  #seen;

  /** @param {() => boolean} seen whether a picture has been shown */
  constructor(seen) {
    this.#seen = seen;
  }

  wait() {
    if (this.#looking !== undefined) return;
    const begun = performance.now();
    this.#looking = setInterval(() => {
      const seen = this.#seen();
      const took = performance.now() - begun;
      if (!seen && took < NONE) return;
      this.#took = seen ? Math.round(took) : null;
      clearInterval(this.#looking);
    }, LOOK);
  }

  /** Says how many milliseconds it took, or null when there was none; only once, and when it is known. */
  report(/** @type {(took: number | null) => void} */ say) {
    if (this.#reported || this.#took === undefined) return;
    this.#reported = true;
    say(this.#took);
  }

  close() {
    clearInterval(this.#looking);
  }
}
