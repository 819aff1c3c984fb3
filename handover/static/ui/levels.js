// @ts-check
/** Who speaks: loudness several times a second, and who has the word, which changes slowly. */

const EVERY = 125; // ms
const SPEAKS = 0.3; // of the loudness a microphone can have
const FORGETS = 0.12; // of the past with every look: about a second
const HAS_THE_WORD = 0.6; // of the time lately; a cough or a beep does not get there
const LOST_THE_WORD = 0.25;

export class Levels {
  /** @type {Map<string, number>} */ #lately = new Map();
  /** @type {string | null} */ word = null;

  /**
   * @param {import("../../signaling/room.js").Room} room
   * @param {(participant: string, level: number, speaks: boolean) => void} show level 0 to 3
   * @param {() => void} changed somebody else has the word
   * @param {AbortSignal} life
   */
  constructor(room, show, changed, life) {
    const timer = setInterval(() => {
      if (document.hidden) return;
      for (const { participant, microphone } of room.roster) {
        const level = microphone ? room.level(participant) : 0;
        const before = this.#lately.get(participant) ?? 0;
        const now = before + FORGETS * (Number(level > SPEAKS) - before);
        this.#lately.set(participant, now);
        show(participant, Math.min(3, Math.ceil(level * 4 - 0.4)), now > LOST_THE_WORD);
      }
      if (this.#passOn(room)) changed();
    }, EVERY);
    life.addEventListener("abort", () => clearInterval(timer));
  }

  /** Whoever has spoken for a while gets the word, once the one who had it is quiet. */
  #passOn(/** @type {import("../../signaling/room.js").Room} */ room) {
    const lately = (/** @type {string | null} */ one) => this.#lately.get(one ?? "") ?? 0;
    if (lately(this.word) > LOST_THE_WORD) return false;
    const others = room.roster.filter((one) => one.participant !== room.me?.participant);
    const next = others.find((one) => lately(one.participant) > HAS_THE_WORD);
    if (!next || next.participant === this.word) return false;
    this.word = next.participant;
    return true;
  }
}
