// @ts-check
/** The set messages to those who wait: the button is the message, what it says is what they read. */

/**
 * @param {HTMLElement} box with the buttons of room/messages.html
 * @param {(code: string) => boolean} send false when the line is down just now
 * @param {AbortSignal} [life]
 */
export function offerMessages(box, send, life) {
  const told = /** @type {HTMLElement} */ (box.querySelector("[data-message-told]"));
  told.textContent = "";
  for (const button of /** @type {NodeListOf<HTMLElement>} */ (box.querySelectorAll("[data-message]"))) {
    button.addEventListener("click", () => {
      const sentence = send(button.dataset.message ?? "") ? told.dataset.sent : told.dataset.notSent;
      told.textContent = (sentence ?? "").replace("{message}", button.textContent ?? "");
    }, { signal: life });
  }
}
