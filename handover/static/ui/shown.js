// @ts-check
/** The offers that were shown: fetched in the reader's own language, newest first, there to look back at. */

import { ask, copyOf, find } from "./dom.js";
import { word } from "./words.js";

/**
 * @typedef {{id: string, name: string, summary: string, lang: string, lang_note: string, provider: string,
 *   facts: {label: string, value: string}[], audience: string}} ShownOffer
 */

export class Shown {
  #root;
  #address;
  #seen = new Set();

  constructor(/** @type {HTMLElement} */ root, /** @type {string} */ address) {
    this.#root = root;
    this.#address = address;
  }

  /** Fetches and draws the list; what is new is announced and brought into view: on a phone it lies below the picture. */
  async refresh() {
    const { items } = /** @type {{items: ShownOffer[]}} */ (await ask(this.#address));
    this.#root.hidden = items.length === 0;
    find("[data-list]", this.#root).replaceChildren(...items.map((offer) => offerCard(offer)));
    const fresh = items.filter((offer) => !this.#seen.has(offer.id));
    for (const offer of items) this.#seen.add(offer.id);
    if (fresh.length) this.#present(fresh[0]);
    return items;
  }

  #present(/** @type {ShownOffer} */ offer) {
    find("[data-announce]").textContent = word("offer-shown", { name: offer.name });
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const card = this.#root.querySelector(`[data-offer="${CSS.escape(offer.id)}"]`);
    card?.scrollIntoView({ block: "nearest", behavior: calm ? "auto" : "smooth" });
  }
}

/** An offer as readable text. */
export function offerCard(/** @type {ShownOffer} */ offer) {
  const card = copyOf("offer");
  card.dataset.offer = offer.id;
  const title = find("[data-title]", card);
  title.textContent = offer.name;
  title.id = `offer-${offer.id}-title`;
  find("[data-provider]", card).textContent = offer.provider;
  const summary = find("[data-summary]", card);
  summary.textContent = offer.summary;
  for (const part of [title, summary]) if (offer.lang) part.lang = offer.lang;
  const note = find("[data-lang-note]", card);
  note.hidden = !offer.lang_note;
  note.textContent = offer.lang_note;
  find("[data-facts]", card).replaceChildren(
    ...offer.facts.flatMap(({ label, value }) => [element("dt", label), element("dd", value)]),
  );
  return card;
}

function element(/** @type {string} */ name, /** @type {string} */ text) {
  const made = document.createElement(name);
  made.textContent = text;
  return made;
}
