// @ts-check
/** Whether the others are who the room says: a code that people read to each other, and the owner's signature. */

const ROUNDS = 200_000;
const SALT = "check code 1";
const UNIT = "\u001f";
const bytes = (/** @type {string} */ text) => new TextEncoder().encode(text);
const decoded = (/** @type {string} */ base64) => Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));

/**
 * Eight digits out of the fingerprints of everybody's real certificates, the same for all who hold the same ones.
 * Whoever sits in between has to find two sets of certificates with one code: 10^4 tries a side, 200,000 rounds each.
 */
export async function checkCode(/** @type {string[]} */ fingerprints) {
  const key = await crypto.subtle.importKey("raw", bytes([...fingerprints].sort().join("\n")), "PBKDF2", false, ["deriveBits"]);
  const derived = await crypto.subtle.deriveBits({ name: "PBKDF2", hash: "SHA-256", salt: bytes(SALT), iterations: ROUNDS }, key, 64);
  const digits = String(new DataView(derived).getBigUint64(0) % 100_000_000n).padStart(8, "0");
  return `${digits.slice(0, 4)} ${digits.slice(4)}`;
}

/** Whether the owner's key (base64 SPKI) signed exactly this roster of this room. Never throws. */
export async function signed(
  /** @type {string} */ rosterKey,
  /** @type {string} */ room,
  /** @type {{participant: string, role: string, name: string, fingerprint?: string}[]} */ roster,
  /** @type {string} */ signature,
) {
  const entries = roster.map(({ participant, role, name, fingerprint = "" }) => [participant, role, name, fingerprint].join(UNIT));
  const curve = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
  try {
    const key = await crypto.subtle.importKey("spki", decoded(rosterKey), curve, false, ["verify"]);
    return await crypto.subtle.verify(curve, key, decoded(signature), bytes(["roster 1", room, ...entries].join("\n")));
  } catch {
    return false; // not even a key, or not even a signature
  }
}

/** Keeps the room's code and whether all of it fits together; calls back when either changes. */
export class Trust {
  /** @type {string | null} */ code = null;
  trusted = true;
  #signed = true;
  #fits = true;
  #of = "";
  #newest = 0;
  #rosterKey;
  #room;
  #changed;

  /** @param {string} rosterKey @param {string} room @param {() => void} changed */
  constructor(rosterKey, room, changed) {
    this.#rosterKey = rosterKey;
    this.#room = room;
    this.#changed = changed;
  }

  /** A roster as the server sent it. Without a key there is nothing to compare with. */
  async roster(/** @type {any[]} */ roster, /** @type {string} */ signature) {
    if (!this.#rosterKey) return;
    const turn = ++this.#newest;
    const fits = await signed(this.#rosterKey, this.#room, roster, signature);
    if (turn === this.#newest) this.#become(this.code, fits, this.#fits);
  }

  /** Everybody's real fingerprints, or null while somebody is not connected; and whether they are those in the roster. */
  async fingerprints(/** @type {string[] | null} */ list, /** @type {boolean} */ fits) {
    const of = list ? [...list].sort().join("\n") : "";
    const same = of === this.#of;
    this.#of = of;
    this.#become(same ? this.code : null, this.#signed, fits);
    if (same || !list || !crypto.subtle) return;
    const code = await checkCode(list);
    if (this.#of === of) this.#become(code, this.#signed, this.#fits);
  }

  #become(/** @type {string | null} */ code, /** @type {boolean} */ signed, /** @type {boolean} */ fits) {
    const before = `${this.code} ${this.trusted}`;
    [this.code, this.#signed, this.#fits, this.trusted] = [code, signed, fits, signed && fits];
    if (`${this.code} ${this.trusted}` !== before) this.#changed();
  }
}
