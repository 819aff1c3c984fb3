// @ts-check
/** On every staff page: a badge and a sound when a guest waits, silent while people talk; and a word to those who wait. */

import { Watch } from "../../signaling/watch.js";
import { offerMessages } from "../ui/messages.js";

// A page may be open all day, while talks are booked: now and then the server says anew which rooms are ours.
const ANEW = 5 * 60_000;

const badge = /** @type {HTMLElement} */ (document.getElementById("knocks"));
const telling = /** @type {HTMLDetailsElement} */ (document.querySelector("[data-tell]"));
const whom = /** @type {HTMLElement} */ (telling.querySelector("[data-tell-whom]"));
const title = document.title;
/** @type {Map<string, {talking: boolean, knocking: {participant: string, name: string}[]}>} */
const rooms = new Map();
/** @type {Set<string>} */
let heard = new Set();
/** @type {HTMLAudioElement | undefined} */
let sound;
/** Whose guests are told. */
let told = "";
let up = false;

function draw() {
  drawTelling();
  const waiting = [...rooms].flatMap(([room, { knocking }]) => knocking.map((one) => ({ room, ...one })));
  badge.replaceChildren();
  document.title = waiting.length ? `(${waiting.length}) ${title}` : title;
  if (!waiting.length) return;
  const link = document.createElement("a");
  link.href = `/talks/${encodeURIComponent(waiting[0].room)}/room`;
  const words = (waiting.length === 1 ? badge.dataset.one : badge.dataset.many) ?? "";
  link.textContent = words.replace("{name}", waiting[0].name).replace("{count}", String(waiting.length));
  badge.append(link);
}

/** The room does not change under a finger while somebody still waits for it. */
function drawTelling() {
  if (!rooms.has(told)) {
    told = [...rooms.keys()][0] ?? "";
    telling.open = false;
    for (const sentence of telling.querySelectorAll("[data-message-told]")) sentence.textContent = "";
  }
  telling.hidden = !told;
  const names = (rooms.get(told)?.knocking ?? []).map((one) => one.name).join(", ");
  whom.textContent = (whom.dataset.to ?? "").replace("{names}", names);
}

/** Two soft tones, as a sound file made here. A browser that has not been touched yet may refuse; the badge is there. */
function ring() {
  sound ??= new Audio(URL.createObjectURL(new Blob([tones()], { type: "audio/wav" })));
  sound.play().catch(() => {});
}

function tones() {
  const rate = 16_000;
  const samples = new Int16Array(rate * 0.8);
  for (const [hertz, from] of [[660, 0], [880, 0.2]]) {
    for (let number = 0; number < rate * 0.5; number++) {
      const time = number / rate;
      const volume = Math.min(1, time / 0.03) * Math.exp(-7 * time) * 5000;
      samples[rate * from + number] += volume * Math.sin(2 * Math.PI * hertz * time);
    }
  }
  const head = new DataView(new ArrayBuffer(44));
  const text = (/** @type {number} */ at, /** @type {string} */ word) =>
    [...word].forEach((letter, number) => head.setUint8(at + number, letter.charCodeAt(0)));
  text(0, "RIFF");
  head.setUint32(4, 36 + samples.byteLength, true);
  text(8, "WAVEfmt ");
  head.setUint32(16, 16, true); // the rest: PCM, one channel, 16 bits
  head.setUint16(20, 1, true);
  head.setUint16(22, 1, true);
  head.setUint32(24, rate, true);
  head.setUint32(28, rate * 2, true);
  head.setUint16(32, 2, true);
  head.setUint16(34, 16, true);
  text(36, "data");
  head.setUint32(40, samples.byteLength, true);
  return new Blob([head, samples]);
}

function changed() {
  const loud = [...rooms].flatMap(([room, { talking, knocking }]) =>
    talking ? [] : knocking.map((one) => `${room} ${one.participant}`),
  );
  if (loud.some((one) => !heard.has(one))) ring();
  heard = new Set(loud);
  draw();
}

function listen() {
  const watch = new Watch(`${location.origin.replace(/^http/, "ws")}/rooms/ws`);
  watch.addEventListener("knocking", (event) => {
    const said = /** @type {CustomEvent} */ (event).detail;
    if (said.knocking.length) rooms.set(said.room, said);
    else rooms.delete(said.room);
    changed();
  });
  for (const type of ["down", "closed"]) watch.addEventListener(type, () => (up = false));
  watch.addEventListener("up", () => {
    up = true;
    rooms.clear();
    draw();
  });
  watch.open();
  return watch;
}

offerMessages(telling, (code) => {
  if (up) watch.notify(told, code);
  return up;
});
let watch = listen();
setInterval(() => {
  watch.close();
  watch = listen();
}, ANEW);
