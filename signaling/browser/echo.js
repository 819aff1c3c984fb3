// @ts-check
/** Tests the line to an echo: connects, sends sound and messages, and says what the browser measured. No page in it. */

/**
 * What was measured on one way. Figures are null where the browser gave none.
 * @typedef {Object} Measured
 * @property {boolean} connected
 * @property {boolean} sound  some of the own sound came back
 * @property {boolean} messages  a message came back over the data channel
 * @property {number | null} rtt  milliseconds there and back, of the connection's own checks
 * @property {number | null} loss  share of packets, 0 to 1, on the worse of the two ways
 * @property {number | null} jitter  milliseconds, on the worse of the two ways
 * @typedef {"good" | "fair" | "weak" | "none"} Grade
 */

const GATHERS = 2500; // ms; a relay that has not answered by then will not serve a talk either
const CONNECTS = 7000; // ms; two ways one after the other and still an answer within a quarter of a minute
const SAMPLES = 250; // ms
const BACK = 5; // packets; less may be noise from before the sound began

// One way: 150 ms are not noticed, 400 ms are the most for talking (ITU-T G.114). Loss as Jitsi's bars count it.
const LIMITS = /** @type {const} */ ({ good: { rtt: 300, loss: 0.02, jitter: 30 }, fair: { rtt: 600, loss: 0.08, jitter: 100 } });

/**
 * Measures one way for some seconds; rejects only when `exchange` does, or with the signal's reason.
 * @param {{servers: RTCIceServer[], relay: boolean, track: MediaStreamTrack, seconds: number, signal: AbortSignal,
 *   exchange: (offer: string) => Promise<string>}} options `exchange` gives the offer to the echo and gets its answer
 * @returns {Promise<Measured>}
 */
export async function measure({ servers, relay, track, seconds, signal, exchange }) {
  const connection = new RTCPeerConnection({ iceServers: servers, iceTransportPolicy: relay ? "relay" : "all" });
  const player = new Audio();
  const figures = new Figures();
  let messages = false;
  try {
    const channel = connection.createDataChannel("echo");
    channel.onopen = () => channel.send("echo");
    channel.onmessage = () => (messages = true);
    connection.addTrack(track, new MediaStream([track]));
    // Heard by nobody, or it would howl; but some browsers take no notice of sound that nothing plays.
    connection.ontrack = ({ streams: [stream] }) => {
      player.muted = true;
      player.srcObject = stream;
      player.play().catch(() => {});
    };
    await connection.setLocalDescription();
    await waiting(connection, "icegatheringstatechange", () => connection.iceGatheringState === "complete", GATHERS, signal);
    const offer = connection.localDescription?.sdp ?? "";
    if (relay && !offer.includes(" typ relay")) return figures.measured(false);
    await connection.setRemoteDescription({ type: "answer", sdp: await exchange(offer) });
    signal.throwIfAborted();
    const settled = () => ["connected", "failed", "closed"].includes(connection.connectionState);
    await waiting(connection, "connectionstatechange", settled, CONNECTS, signal);
    if (connection.connectionState !== "connected") return figures.measured(false);
    for (const end = performance.now() + seconds * 1000; performance.now() < end; ) {
      await waiting(connection, "connectionstatechange", () => connection.connectionState === "failed", SAMPLES, signal);
      figures.take(await connection.getStats());
    }
    return figures.measured(messages);
  } finally {
    player.srcObject = null;
    connection.close();
  }
}

/** What the two ways together are like: the direct one counts where it works. @returns {{grade: Grade, relayed: boolean}} */
export function judge(/** @type {Measured | null} */ direct, /** @type {Measured | null} */ relay) {
  const used = direct?.connected ? direct : relay;
  if (!used?.connected) return { grade: "none", relayed: false };
  return { grade: gradeOf(used), relayed: used === relay };
}

/** @returns {Grade} */
function gradeOf(/** @type {Measured} */ way) {
  const within = (/** @type {{rtt: number, loss: number, jitter: number}} */ limits) =>
    (way.rtt ?? 0) <= limits.rtt && (way.loss ?? 0) <= limits.loss && (way.jitter ?? 0) <= limits.jitter;
  if (!way.sound) return "weak";
  if (way.messages && within(LIMITS.good)) return "good";
  return within(LIMITS.fair) ? "fair" : "weak";
}

/** Reads statistics again and again, and sums them up. */
class Figures {
  /** @type {number[]} */ #rtts = [];
  #answers = 0;
  #connected = false;
  #sent = 0; // packets at the moment of the far end's last report
  #reported = 0;
  /** @type {{lost: number, jitter: number} | null} */ #there = null;
  /** @type {{lost: number, jitter: number, received: number} | null} */ #back = null;

  take(/** @type {RTCStatsReport} */ stats) {
    this.#connected = true;
    this.#pair(pairInUse(stats));
    let sent = 0;
    for (const one of stats.values()) {
      if (one.type === "outbound-rtp") sent = one.packetsSent;
      if (one.type === "inbound-rtp") this.#back = { lost: one.packetsLost ?? 0, jitter: one.jitter ?? 0, received: one.packetsReceived ?? 0 };
    }
    for (const one of stats.values()) {
      // The far end reports once a second; what was sent since then cannot be in its count yet.
      if (one.type !== "remote-inbound-rtp" || one.timestamp === this.#reported) continue;
      this.#reported = one.timestamp;
      this.#sent = sent;
      this.#there = { lost: one.packetsLost ?? 0, jitter: one.jitter ?? 0 };
    }
  }

  #pair(/** @type {{responsesReceived?: number, currentRoundTripTime?: number} | undefined} */ pair) {
    // Each answered check is one sample; looking again at the same one is not another.
    if (pair?.currentRoundTripTime === undefined || (pair.responsesReceived === this.#answers && this.#rtts.length)) return;
    this.#answers = pair.responsesReceived ?? 0;
    this.#rtts.push(pair.currentRoundTripTime);
  }

  /** @returns {Measured} */
  measured(/** @type {boolean} */ messages) {
    const middle = [...this.#rtts].sort((a, b) => a - b)[Math.floor(this.#rtts.length / 2)];
    const losses = [];
    if (this.#there && this.#sent) losses.push(Math.max(0, this.#there.lost) / this.#sent);
    if (this.#back?.received) losses.push(Math.max(0, this.#back.lost) / (Math.max(0, this.#back.lost) + this.#back.received));
    const jitters = [this.#there?.jitter, this.#back?.jitter].filter((one) => one !== undefined);
    return {
      connected: this.#connected,
      sound: (this.#back?.received ?? 0) >= BACK,
      messages,
      rtt: middle === undefined ? null : middle * 1000,
      loss: losses.length ? Math.max(...losses) : null,
      jitter: jitters.length ? Math.max(...jitters) * 1000 : null,
    };
  }
}

/** The candidate pair that carries everything: Chromium's transport names it, Firefox marks it. */
function pairInUse(/** @type {RTCStatsReport} */ stats) {
  const all = [...stats.values()];
  const named = all.find((one) => one.type === "transport")?.selectedCandidatePairId;
  return stats.get(named) ?? all.find((one) => one.type === "candidate-pair" && one.nominated && one.state === "succeeded");
}

/** Resolves when `done` is true, looked at with each event, or when time is up; rejects when the signal says so. */
function waiting(
  /** @type {EventTarget} */ target,
  /** @type {string} */ type,
  /** @type {() => boolean} */ done,
  /** @type {number} */ within,
  /** @type {AbortSignal} */ signal,
) {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const over = new AbortController();
    const end = () => {
      clearTimeout(timer);
      over.abort();
      resolve(undefined);
    };
    const timer = setTimeout(end, within);
    target.addEventListener(type, () => done() && end(), { signal: over.signal });
    signal.addEventListener("abort", () => (reject(signal.reason), end()), { signal: over.signal });
    if (done()) end();
  });
}
