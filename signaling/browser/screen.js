// @ts-check
/** A screen or a window in the place of the camera's picture. */

const WANTED = { video: { width: { max: 1920 }, height: { max: 1080 }, frameRate: { ideal: 8, max: 10 } }, audio: false };

export class Screen {
  /** @type {MediaStreamTrack | null} */ track = null;
  #changed;

  /** @param {(on: boolean) => void} changed */
  constructor(changed) {
    this.#changed = changed;
  }

  /** Lets a person choose; rejects with NotAllowedError when they chose nothing. */
  async start() {
    if (this.track) return;
    const stream = await navigator.mediaDevices.getDisplayMedia(WANTED);
    const [track] = stream.getVideoTracks();
    if (this.track) return track.stop(); // chosen twice: the first stands
    this.track = track;
    track.onended = () => this.stop(); // the browser has a stop button of its own
    this.#changed(true);
  }

  stop() {
    if (!this.track) return;
    this.track.onended = null;
    this.track.stop();
    this.track = null;
    this.#changed(false);
  }
}
