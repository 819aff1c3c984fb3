// @ts-check
/** The test of the connection: what a relative reads about it, and a line that a help desk can use. */

import { judge, measure } from "../../signaling/echo.js";
import { find, tell } from "./dom.js";

/**
 * @typedef {import("../../signaling/media.js").Media} Media
 * @typedef {import("../../signaling/echo.js").Measured} Measured
 * @typedef {{check: string, relay_only: boolean, ice: RTCIceServer[]}} Begun
 */

const ADDRESS = "/help/check";
const SECONDS = 4; // two hundred packets each way
const BESIDE = 2; // seconds for the relay where the direct way works: whether it is open, not how good it is
/** What a browser calls itself, the one that imitates most first. */
const BROWSERS = [["Edg", "Edge"], ["SamsungBrowser", "Samsung"], ["FxiOS", "Firefox"], ["Firefox", "Firefox"], ["CriOS", "Chrome"], ["Chrome", "Chrome"], ["Version", "Safari"]];
const SYSTEMS = [["Android", "Android"], ["iPhone", "iPhone"], ["iPad", "iPad"], ["Windows", "Windows"], ["Mac OS X", "Mac"], ["Linux", "Linux"]];

export class NetworkCheck {
  #root;
  #media;
  /** @type {AbortController | null} */ #running = null;

  constructor(/** @type {HTMLElement} */ root, /** @type {Media} */ media) {
    this.#root = root;
    this.#media = media;
    find("[data-copy]", root).addEventListener("click", () => this.#copy());
  }

  /** Tests both ways and says what they are like; pressed twice, the first press goes on. */
  async run() {
    if (this.#running) return;
    const { signal } = (this.#running = new AbortController());
    const sound = this.#media.audio ? { track: this.#media.audio, stop() {} } : tone();
    this.#show("[data-testing]");
    try {
      const { check, ice, relay_only } = /** @type {Begun} */ (await tell(ADDRESS, {}));
      const exchange = (/** @type {boolean} */ relay) => async (/** @type {string} */ sdp) => (await tell(`${ADDRESS}/${check}`, { sdp, relay })).sdp;
      const way = (/** @type {boolean} */ relay, /** @type {number} */ seconds) => {
        const servers = ice.filter((one) => Boolean(one.credential) === relay);
        return measure({ servers, relay, track: sound.track, seconds, signal, exchange: exchange(relay) });
      };
      const direct = relay_only ? null : await way(false, SECONDS);
      const relay = ice.some((one) => one.credential) ? await way(true, direct?.connected ? BESIDE : SECONDS) : null;
      this.#tell(direct, relay);
    } catch (error) {
      if (!signal.aborted) this.#refused(error instanceof Error ? error.message : "");
    } finally {
      sound.stop();
      this.#running = null;
      find("[data-testing]", this.#root).hidden = true;
    }
  }

  /** Stops without a word: somebody goes into the talk. */
  stop() {
    this.#running?.abort();
  }

  #tell(/** @type {Measured | null} */ direct, /** @type {Measured | null} */ relay) {
    const { grade, relayed } = judge(direct, relay);
    this.#show(`[data-grade=${grade}]`, ...(relayed && direct ? ["[data-relayed]"] : []), "[data-for-help-desk]");
    this.#root.dataset.result = grade;
    find("[data-desk-line]", this.#root).textContent = this.#line(direct, relay);
  }

  #refused(/** @type {string} */ sentence) {
    find("[data-refused]", this.#root).textContent = sentence;
    this.#show("[data-refused]");
  }

  #show(/** @type {string[]} */ ...shown) {
    for (const part of ["[data-testing]", "[data-grade]", "[data-relayed]", "[data-refused]", "[data-for-help-desk]", "[data-copied]"]) {
      for (const one of /** @type {NodeListOf<HTMLElement>} */ (this.#root.querySelectorAll(part))) one.hidden = !shown.some((wanted) => one.matches(wanted));
    }
  }

  /** Figures and programs, nothing about a person and no address. */
  #line(/** @type {Measured | null} */ direct, /** @type {Measured | null} */ relay) {
    const when = new Date().toLocaleString(document.documentElement.lang, { dateStyle: "short", timeStyle: "short" });
    const said = this.#root.dataset;
    const ways = [direct && said.direct?.replace("{figures}", this.#figures(direct)), relay && said.relay?.replace("{figures}", this.#figures(relay))];
    return [when, browser(navigator.userAgent), ...ways].filter(Boolean).join(" · ");
  }

  #figures(/** @type {Measured} */ way) {
    const said = this.#root.dataset;
    if (!way.connected) return said.closed ?? "";
    const number = (/** @type {number | null} */ value, digits = 0) =>
      value === null ? "?" : value.toLocaleString(document.documentElement.lang, { maximumFractionDigits: digits });
    /** @type {Record<string, string>} */
    const values = { rtt: number(way.rtt, (way.rtt ?? 0) < 10 ? 1 : 0), loss: number(way.loss && way.loss * 100, 1), jitter: number(way.jitter) };
    const figures = (said.figures ?? "").replace(/\{(\w+)\}/g, (_, name) => values[name]);
    return [figures, way.sound ? "" : said.noSound, way.messages ? "" : said.noMessages].filter(Boolean).join(", ");
  }

  async #copy() {
    const line = find("[data-desk-line]", this.#root);
    try {
      await navigator.clipboard.writeText(line.textContent ?? "");
      find("[data-copied]", this.#root).hidden = false;
    } catch {
      getSelection()?.selectAllChildren(line); // then the keyboard or the phone's own menu copies it
    }
  }
}

/** A soft tone to send where there is no microphone: the line can be tested all the same. */
function tone() {
  const context = new AudioContext();
  const out = context.createMediaStreamDestination();
  const gain = new GainNode(context, { gain: 0.1 });
  const oscillator = new OscillatorNode(context, { frequency: 440 });
  oscillator.connect(gain).connect(out);
  oscillator.start();
  return { track: out.stream.getAudioTracks()[0], stop: () => context.close() };
}

/** "Firefox 153, Linux". */
function browser(/** @type {string} */ agent) {
  const [sign, name] = BROWSERS.find(([sign]) => agent.includes(`${sign}/`)) ?? ["", "?"];
  const version = agent.split(`${sign}/`)[1]?.match(/^\d+/)?.[0] ?? "";
  const system = SYSTEMS.find(([sign]) => agent.includes(sign))?.[1] ?? "?";
  return `${name} ${version}, ${system}`;
}
