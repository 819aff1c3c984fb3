// @ts-check

/** A name for this device that only the server sees: coming back on it needs no second admission. */
export function thisDevice() {
  const fresh = crypto.randomUUID().replaceAll("-", "");
  try {
    const kept = localStorage.getItem("signaling.device") ?? fresh;
    localStorage.setItem("signaling.device", kept);
    return kept;
  } catch {
    return fresh; // storage is blocked: it holds as long as the page
  }
}

/** Becomes another device: whoever has it next has to be let in anew. */
export function forgetThisDevice() {
  try {
    localStorage.removeItem("signaling.device");
  } catch {
    // Storage is blocked: nothing was kept.
  }
}
