// @ts-check
/** The outcome form in place: presses and words are kept as a draft at once, saving redraws the form where it stands. */

import { find } from "./dom.js";

const SOON = 700; // ms of quiet before what was typed is kept
const AGAIN = 10_000; // ms until a draft that could not be kept is tried again

/** @type {WeakMap<HTMLElement, OutcomePanel>} */
const panels = new WeakMap();

/** Makes the form inside `root` work; call it again after drawing it anew. */
export function startOutcome(/** @type {HTMLElement} */ root) {
  const panel = panels.get(root) ?? new OutcomePanel(root);
  panels.set(root, panel);
  panel.arrange();
}

/** Draws the form anew from the server, after what stands in it has been kept. */
export async function redrawOutcome(/** @type {HTMLElement} */ root, /** @type {string} */ address) {
  await panels.get(root)?.keep();
  const response = await fetch(`${address}/outcome/panel`);
  if (!response.ok) return;
  const drawn = parse(await response.text());
  root.replaceChildren(...drawn.body.childNodes);
  startOutcome(root);
}

class OutcomePanel {
  #root;
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #soon;
  #changed = false;
  /** @type {Promise<void>} */ #keeping = Promise.resolve();

  constructor(/** @type {HTMLElement} */ root) {
    this.#root = root;
    root.addEventListener("click", (event) => this.#pressed(event));
    root.addEventListener("input", () => this.#keepSoon());
    root.addEventListener("change", () => this.arrange());
    root.addEventListener("focusout", () => this.#changed && this.keep());
    root.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send(/** @type {HTMLFormElement} */ (event.target), event.submitter);
    });
  }

  /** Shows the fields that belong to what is chosen. */
  arrange() {
    for (const row of this.#root.querySelectorAll("[data-row]")) {
      const chosen = row.querySelector('[aria-pressed="true"]')?.getAttribute("value")?.split(":")[1] ?? "";
      for (const part of row.querySelectorAll("[data-when]")) {
        /** @type {HTMLElement} */ (part).hidden = !part.getAttribute("data-when")?.split(" ").includes(chosen);
      }
    }
    const contact = /** @type {HTMLSelectElement | null} */ (this.#root.querySelector("[name=contact_account]"));
    if (contact) find("[data-other-contact]", this.#root).hidden = contact.value !== "";
  }

  /** Keeps the form as a draft now, if anything has changed; resolves when that is done or has failed. */
  keep() {
    clearTimeout(this.#soon);
    if (this.#changed) this.#keeping = this.#keeping.then(() => this.#keepNow());
    return this.#keeping;
  }

  #form() {
    return /** @type {HTMLFormElement} */ (find("[data-outcome-form]", this.#root));
  }

  #pressed(/** @type {MouseEvent} */ event) {
    const button = /** @type {HTMLElement} */ (event.target).closest("button[name=decide]");
    if (!(button instanceof HTMLButtonElement)) return;
    event.preventDefault();
    const [row, choice] = button.value.split(":");
    const taken = button.getAttribute("aria-pressed") !== "true";
    for (const other of button.parentElement?.querySelectorAll("button") ?? []) {
      other.setAttribute("aria-pressed", String(taken && other === button));
    }
    const chosen = /** @type {HTMLInputElement} */ (this.#form().elements.namedItem(`decision-${row}`));
    chosen.value = taken ? choice : "";
    this.arrange();
    this.#changed = true;
    this.keep();
  }

  #keepSoon() {
    this.#changed = true;
    clearTimeout(this.#soon);
    this.#soon = setTimeout(() => this.keep(), SOON);
  }

  async #keepNow() {
    const form = this.#form();
    this.#changed = false;
    try {
      let response = await post(form.dataset.draft ?? "", new FormData(form), "application/json");
      if (response.status === 403 && (await this.#freshToken())) {
        response = await post(form.dataset.draft ?? "", new FormData(form), "application/json");
      }
      if (!response.ok) throw new Error(String(response.status));
      const { kept_at } = await response.json();
      this.#say((form.dataset.kept ?? "").replace("{time}", kept_at));
    } catch (error) {
      const gone = ["401", "403"].includes(/** @type {Error} */ (error).message);
      this.#say((gone ? form.dataset.signedOut : form.dataset.notKept) ?? "");
      this.#changed = true;
      this.#soon = setTimeout(() => this.keep(), AGAIN);
    }
  }

  /** Who signed in again in another tab has a new form token; what was typed here stays. */
  async #freshToken() {
    const response = await fetch(`${this.#form().action}/panel`);
    if (!response.ok) return false;
    const token = parse(await response.text()).querySelector("[name=form_token]")?.getAttribute("value");
    for (const field of this.#root.querySelectorAll("[name=form_token]")) {
      /** @type {HTMLInputElement} */ (field).value = token ?? "";
    }
    return Boolean(token);
  }

  async #send(/** @type {HTMLFormElement} */ form, /** @type {HTMLElement | null} */ button) {
    // Another form's answer draws the whole panel anew, so what stands in the outcome is kept first.
    await (form === this.#form() ? this.#keeping : this.keep());
    clearTimeout(this.#soon);
    const fields = new FormData(form, button);
    fields.set("where", "panel");
    try {
      const response = await post(form.action, fields, "text/html");
      const drawn = parse(await response.text());
      if (!drawn.querySelector("[data-outcome-form]")) throw new Error(String(response.status));
      this.#changed = false;
      this.#root.replaceChildren(...drawn.body.childNodes);
      this.arrange();
      this.#lookAt(fields);
    } catch (error) {
      const gone = ["401", "403"].includes(/** @type {Error} */ (error).message);
      this.#say((gone ? this.#form().dataset.signedOut : this.#form().dataset.notKept) ?? "");
      this.#changed = true;
      this.#soon = setTimeout(() => this.keep(), AGAIN);
    }
  }

  /** Moves the focus to what the press has changed. */
  #lookAt(/** @type {FormData} */ fields) {
    const rows = this.#root.querySelectorAll("[data-row]");
    const row = fields.get("also")
      ? [...rows].find((one) => one.getAttribute("data-row") === fields.get("also"))
      : fields.get("more") === "offer" && rows[rows.length - 1];
    const target =
      this.#root.querySelector("#errors, #stale") ?? (row || null)?.querySelector(".decisions button") ?? null;
    if (target instanceof HTMLElement) target.focus();
    else this.#root.querySelector(".notice")?.scrollIntoView({ block: "nearest" });
  }

  #say(/** @type {string} */ text) {
    find("[data-draft-said]", this.#root).textContent = text;
  }
}

function post(/** @type {string} */ address, /** @type {FormData} */ fields, /** @type {string} */ accept) {
  const body = new URLSearchParams(/** @type {any} */ (fields));
  return fetch(address, { method: "POST", headers: { Accept: accept }, body });
}

function parse(/** @type {string} */ text) {
  return new DOMParser().parseFromString(text, "text/html");
}
