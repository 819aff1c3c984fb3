// @ts-check
/** The nurse's list of offers for this patient: filter as you type, show to everyone or to patient and ward only. */

import { showText } from "./announce.js";
import { ask, find, tell } from "./dom.js";
import { offerCard } from "./shown.js";
import { word } from "./words.js";

/** @typedef {import("./shown.js").ShownOffer & {shown: boolean, fits: string[]}} FoundOffer */

export class OfferFinder {
  #root;
  #address;
  #form;
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #soon;
  #asked = 0;

  /** @param {HTMLElement} root @param {string} address of the talk, as `/talks/ID` */
  constructor(root, address) {
    this.#root = root;
    this.#address = address;
    this.#form = /** @type {HTMLFormElement} */ (find("form", root));
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.refresh();
    });
    this.#form.addEventListener("input", () => {
      clearTimeout(this.#soon);
      this.#soon = setTimeout(() => this.refresh(), 250);
    });
  }

  async refresh() {
    const asked = ++this.#asked;
    const query = new URLSearchParams(/** @type {any} */ (new FormData(this.#form)));
    query.delete("form_token");
    const { items } = /** @type {{items: FoundOffer[]}} */ (await ask(`${this.#address}/offers?${query}`));
    if (asked !== this.#asked) return; // a later letter was typed meanwhile
    find("[data-list]", this.#root).replaceChildren(...items.map((offer) => this.#card(offer)));
    find("[data-none]", this.#root).hidden = items.length > 0;
  }

  #card(/** @type {FoundOffer} */ offer) {
    const card = offerCard(offer);
    card.classList.toggle("shown", offer.shown);
    this.#fold(card);
    const lines = [];
    if (offer.fits.length) lines.push(word("fits", { themes: offer.fits.join(", ") }));
    if (offer.shown) lines.push(word(`on-screen-${offer.audience}`));
    for (const text of lines) {
      const line = document.createElement("p");
      line.className = "quiet";
      line.textContent = text;
      card.append(line);
    }
    const actions = document.createElement("p");
    actions.className = "actions";
    actions.append(
      this.#button(offer, "everyone", word("show")),
      this.#button(offer, "patient-and-ward", word("show-patient-and-ward"), "bare"),
    );
    if (offer.shown) actions.append(this.#button(offer, "nobody", word("take-away"), "bare"));
    card.append(actions);
    return card;
  }

  /** The nurse looks through many: what she does not need to choose by is folded away. */
  #fold(/** @type {HTMLElement} */ card) {
    const facts = find("[data-facts]", card);
    const details = document.createElement("details");
    const summary = document.createElement("summary");
    summary.textContent = word("more");
    facts.replaceWith(details);
    details.append(summary, facts);
  }

  #button(/** @type {FoundOffer} */ offer, /** @type {string} */ audience, /** @type {string} */ label, style = "") {
    const button = document.createElement("button");
    button.type = "button";
    button.className = style;
    button.textContent = label;
    button.setAttribute("aria-describedby", `offer-${offer.id}-title`);
    button.addEventListener("click", async () => {
      button.disabled = true;
      try {
        await tell(`${this.#address}/shown`, { offer: offer.id, audience });
        this.#root.dispatchEvent(new CustomEvent("shown"));
        await this.refresh();
        const again = this.#root.querySelector(`[data-offer="${CSS.escape(offer.id)}"] button`);
        if (again instanceof HTMLElement) again.focus();
      } catch (error) {
        showText(/** @type {Error} */ (error).message);
      }
      button.disabled = false;
    });
    return button;
  }
}
