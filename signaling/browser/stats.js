// @ts-check
/** A connection's statistics as the few figures that decide something. Never sent anywhere, never kept. */

/**
 * @typedef {{rtt: number | null, loss: number, received: number, lost: number, there: number, available: number | null,
 *   rate: number | null, source: number | null, packets: number, sent: number, relayed: boolean | null}} Sample `rtt` in ms; `loss`
 *   of what came since the sample before; `there` of what was sent, as the other side reports it; `available` in bits a
 *   second; frames a second encoded (`rate`) and taken (`source`); `packets` of the other's picture so far, `sent` of one's own
 */

/** @returns {Promise<Sample>} */
export async function read(/** @type {RTCPeerConnection} */ connection, /** @type {Sample | undefined} */ before) {
  const reports = await connection.getStats();
  /** @type {Sample} */
  const now = { rtt: null, loss: 0, received: 0, lost: 0, there: 0, available: null, rate: null, source: null, packets: 0, sent: 0, relayed: null };
  /** @type {any} */ let pair;
  /** @type {Record<string, number>} */ const reported = { audio: 0, video: 0 };
  for (const report of /** @type {Iterable<any>} */ (/** @type {Map<string, any>} */ (reports).values())) {
    if (report.type === "transport") pair = reports.get(report.selectedCandidatePairId) ?? pair;
    else if (report.type === "candidate-pair") {
      if (report.selected || (!pair && report.nominated && report.state === "succeeded")) pair = report; // Firefox says `selected`
    } else if (report.type === "inbound-rtp") {
      now.received += report.packetsReceived ?? 0;
      now.lost += report.packetsLost ?? 0;
      if (report.kind === "video") now.packets = report.packetsReceived ?? 0;
    } else if (report.type === "remote-inbound-rtp") {
      reported[report.kind] = report.fractionLost ?? 0;
      if (report.roundTripTime !== undefined) now.rtt ??= report.roundTripTime * 1000;
    } else if (report.type === "outbound-rtp" && report.kind === "video") {
      now.sent = report.packetsSent ?? 0;
      now.rate = report.active === false ? null : (report.framesPerSecond ?? null);
    } else if (report.type === "media-source" && report.kind === "video") now.source = report.framesPerSecond ?? null;
  }
  if (pair) {
    if (pair.currentRoundTripTime !== undefined) now.rtt = pair.currentRoundTripTime * 1000;
    now.available = pair.availableOutgoingBitrate ?? null;
    now.relayed = /** @type {any} */ (reports.get(pair.localCandidateId))?.candidateType === "relay";
  }
  // While the picture is paused, the last word about it stays what it was and says nothing about now.
  now.there = Math.max(reported.audio, now.sent > (before?.sent ?? 0) ? reported.video : 0);
  const lost = Math.max(0, now.lost - (before?.lost ?? 0));
  const expected = lost + now.received - (before?.received ?? 0);
  now.loss = expected > 0 ? lost / expected : 0;
  if (before) {
    // One report says little about two seconds; half of what was before steadies it.
    now.loss = (now.loss + before.loss) / 2;
    now.there = (now.there + before.there) / 2;
  }
  return now;
}
