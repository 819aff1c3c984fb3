// @ts-check
/** A phone that dims its screen drops out of the waiting room and the talk. */

/**
 * Keeps the screen on while `wanted`; browsers let go of it whenever the page is hidden, so it is asked for again.
 * @param {() => boolean} wanted
 * @returns {() => Promise<void>} to call when what is wanted changes
 */
export function stayAwake(wanted) {
  /** @type {WakeLockSentinel | null} */ let lock = null;

  async function ask() {
    if (!wanted()) {
      await lock?.release();
      lock = null;
      return;
    }
    if (document.hidden || (lock && !lock.released)) return;
    try {
      lock = (await navigator.wakeLock?.request("screen")) ?? null;
    } catch {
      // Power saving may refuse; the talk goes on, the screen dims.
    }
  }

  document.addEventListener("visibilitychange", ask);
  return ask;
}
