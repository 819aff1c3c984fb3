// @ts-check
/** How long the talk may still last: quietly, and read aloud once. A clock that counts down would rush the patient. */

import { note } from "./announce.js";
import { word } from "./words.js";

const SOON = 5; // minutes
const EVERY = 5_000; // ms

/** Fills `[data-time-left]`, when the page has one. The server's clock counts: a phone's may be wrong. */
export function showTimeLeft() {
  const place = document.querySelector("[data-time-left]");
  if (!(place instanceof HTMLElement)) return;
  const ahead = place.dataset.now ? Number(place.dataset.now) * 1000 - Date.now() : 0;
  const said = new Set();

  function draw() {
    const left = (Number(place?.dataset.endsAt) * 1000 - Date.now() - ahead) / 60_000;
    const minutes = Math.ceil(left);
    const name = minutes > SOON ? "minutes-left" : minutes > 0 ? `minutes-left-${SOON}` : "time-over";
    const text = word(name, { minutes });
    if (!(place instanceof HTMLElement)) return;
    place.hidden = !text;
    place.textContent = text;
    place.classList.toggle("soon", minutes <= SOON);
    if (minutes > SOON || said.has(name)) return;
    said.add(name);
    note(name);
  }

  draw();
  setInterval(draw, EVERY);
}
