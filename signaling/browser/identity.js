// @ts-check
/** This page's DTLS certificate, one for all its connections, and how fingerprints are written and found. */

const KEY = { name: "ECDSA", namedCurve: "P-256" };

/** All fingerprints in a description, sorted; one in all when it comes from a page like this. */
export function fingerprintOf(/** @type {string} */ sdp) {
  const found = [...sdp.matchAll(/^a=fingerprint:(\S+) (\S+)/gm)].map(([, hash, value]) => `${hash.toLowerCase()} ${value.toUpperCase()}`);
  return [...new Set(found)].sort().join(", ");
}

/**
 * Read from an offer, since not every browser's certificate tells its own fingerprint.
 * @returns {Promise<{certificates: RTCCertificate[] | undefined, fingerprint: string}>}
 */
async function make() {
  if (!globalThis.RTCPeerConnection?.generateCertificate) return { certificates: undefined, fingerprint: "" };
  const certificates = [await RTCPeerConnection.generateCertificate(KEY)];
  const asked = new RTCPeerConnection({ certificates });
  asked.createDataChannel("");
  const { sdp } = await asked.createOffer();
  asked.close();
  return { certificates, fingerprint: fingerprintOf(sdp ?? "") };
}

/** Made while the page loads: nobody who presses a button should wait for a key. Without one there is no check code. */
export const identity = make().catch(() => ({ certificates: undefined, fingerprint: "" }));
