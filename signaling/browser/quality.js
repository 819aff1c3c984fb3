// @ts-check
/** How good a line is, in one of four words that do not flicker. Pure; times in ms. */

/** @typedef {"good" | "fair" | "poor" | "lost"} Level */

const LEVELS = /** @type {Level[]} */ (["good", "fair", "poor", "lost"]);
/** From here on people hear it: they talk over each other, or words go missing. */
const FAIR = { rtt: 300, loss: 0.03 };
const POOR = { rtt: 700, loss: 0.08 };
const WORSE_AFTER = 4000;
const BETTER_AFTER = 10_000; // slower up than down: a line that has just been poor is soon poor again

/** @returns {Level} `rtt` in ms or null when not measured, `loss` a share */
export function levelOf(/** @type {number | null} */ rtt, /** @type {number} */ loss) {
  const beyond = (/** @type {{rtt: number, loss: number}} */ limit) => (rtt ?? 0) >= limit.rtt || loss >= limit.loss;
  return beyond(POOR) ? "poor" : beyond(FAIR) ? "fair" : "good";
}

/**
 * One's own line: the best of all, since one good line shows that it is the others' ends that are poor.
 * @returns {Level | ""}
 */
export function ownLevel(/** @type {Level[]} */ levels) {
  return LEVELS.find((level) => levels.includes(level)) ?? "";
}

/** The level of one line. */
export class Quality {
  /** @type {Level | ""} */ level = "";
  rtt = 0;
  loss = 0;
  /** @type {number | undefined} */ #worse;
  /** @type {number | undefined} */ #better;

  /** Takes in a measurement; true when the level changes. */
  take(/** @type {number | null} */ rtt, /** @type {number} */ loss, /** @type {number} */ now) {
    this.rtt = rtt ?? this.rtt;
    this.loss = loss;
    const measured = levelOf(rtt, loss);
    if (this.level === "" || this.level === "lost") return this.#become(measured);
    const distance = LEVELS.indexOf(measured) - LEVELS.indexOf(this.level);
    this.#worse = distance > 0 ? (this.#worse ?? now) : undefined;
    this.#better = distance < 0 ? (this.#better ?? now) : undefined;
    const lasts = (this.#worse !== undefined && now - this.#worse >= WORSE_AFTER)
      || (this.#better !== undefined && now - this.#better >= BETTER_AFTER);
    return lasts && this.#become(measured);
  }

  /** Nothing comes or goes; true when that is news. */
  lost() {
    return this.level !== "lost" && this.#become("lost");
  }

  #become(/** @type {Level} */ level) {
    this.level = level;
    this.#worse = this.#better = undefined;
    return true;
  }
}
