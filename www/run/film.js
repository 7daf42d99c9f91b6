// @ts-check
/**
 * A stretch of a run as a film: frames by the page's own still figures, written as a GIF or by the
 * browser as WebM. It is made a frame at a time, and whoever wanted it may go.
 */
import { breathe } from "../draw/dom.js";
import { canvasOf, imageOf } from "../draw/raster.js";

/** Longer or wider ones are for other tools. */
export const FRAMES_MOST = 600;
export const WIDTH_MOST = 1_280;

/** Shown for that long in a GIF, and in WebM. */
export const FRAMES_A_SECOND = 10;

const WEBM = ["video/webm;codecs=vp9", "video/webm;codecs=vp8", "video/webm"];

/** What this browser writes of WebM; nothing if it writes none. */
export function webmHere() {
  if (typeof MediaRecorder !== "function") return undefined;
  if (!("captureStream" in HTMLCanvasElement.prototype)) return undefined;
  return WEBM.find((type) => MediaRecorder.isTypeSupported(type));
}

/**
 * The moments of a film.
 *
 * @param {number} from_us
 * @param {number} to_us
 * @param {number} speed
 */
export function framesOf(from_us, to_us, speed) {
  const step_us = (1e6 * speed) / FRAMES_A_SECOND;
  return { count: Math.floor((to_us - from_us) / step_us + 1e-6) + 1, step_us };
}

/**
 * @typedef {object} Film
 * @property {"gif"|"webm"} kind
 * @property {number[]} times_us a frame each
 * @property {number} width at most
 * @property {(time_us: number) => Promise<string>} draw the figure of a moment
 * @property {(done: number) => void} progress
 * @property {AbortSignal} signal of whoever wants it no more
 */

/**
 * @param {Film} film
 * @returns {Promise<{file: Blob, width: number, height: number}>}
 */
export async function film({ kind, times_us, width, draw, progress, signal }) {
  const first = await imageOf(await draw(times_us[0]));
  const scale = Math.min(width, WIDTH_MOST, first.naturalWidth * 2) / first.naturalWidth;
  // Video has even sides.
  const even = (/** @type {number} */ side) => 2 * Math.round((side * scale) / 2);
  const [wide, tall] = [even(first.naturalWidth), even(first.naturalHeight)];
  const { canvas, pen } = canvasOf(wide, tall);
  const writer = kind === "gif" ? new GifWriter(wide, tall) : new WebmWriter(canvas);
  const isOver = () => signal.throwIfAborted();
  try {
    for (const [done, time_us] of times_us.entries()) {
      const figure = done ? await draw(time_us) : "";
      // To put it together and to draw it are two tasks: between them others have their turn.
      await breathe();
      const image = done ? await imageOf(figure) : first;
      await breathe();
      isOver();
      drawOn(pen, image, scale);
      await writer.add(canvas);
      isOver();
      progress(done + 1);
    }
    const file = await writer.end();
    isOver();
    return { file, width: wide, height: tall };
  } finally {
    writer.close();
  }
}

/**
 * A frame on its own ground: one may be narrower than another, and no side is a whole number.
 *
 * @param {CanvasRenderingContext2D} pen
 * @param {HTMLImageElement} image
 * @param {number} scale
 */
function drawOn(pen, image, scale) {
  const { width, height } = pen.canvas;
  pen.drawImage(image, 0, 0, 1, 1, 0, 0, width, height);
  pen.drawImage(image, 0, 0, image.naturalWidth * scale, image.naturalHeight * scale);
}

/** Hands frames to the worker that writes the file, one at a time. */
class GifWriter {
  /**
   * @param {number} width
   * @param {number} height
   */
  constructor(width, height) {
    this.worker = new Worker(new URL("gif.js", document.baseURI), { type: "module" });
    this.begun = this.ask({ kind: "begin", width, height, delay_ms: 1_000 / FRAMES_A_SECOND });
  }

  /**
   * @param {any} message
   * @param {Transferable[]} [given]
   * @returns {Promise<any>}
   */
  ask(message, given = []) {
    return new Promise((resolve, reject) => {
      this.worker.onmessage = ({ data }) =>
        data.kind === "failed" ? reject(new Error(data.error)) : resolve(data);
      this.worker.onerror = ({ message }) => reject(new Error(message ?? ""));
      this.worker.postMessage(message, given);
    });
  }

  /** @param {HTMLCanvasElement} canvas */
  async add(canvas) {
    await this.begun;
    const bitmap = await createImageBitmap(canvas);
    await this.ask({ kind: "frame", bitmap }, [bitmap]);
  }

  /** @returns {Promise<Blob>} */
  async end() {
    return (await this.ask({ kind: "end" })).file;
  }

  close() {
    this.worker.terminate();
  }
}

/**
 * Lets the browser record the canvas. It goes by the clock, so it is paused while a frame is drawn,
 * and each frame stands for as long as it will.
 */
class WebmWriter {
  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    const stream = canvas.captureStream(0);
    this.track = /** @type {CanvasCaptureMediaStreamTrack} */ (stream.getVideoTracks()[0]);
    this.recorder = new MediaRecorder(stream, {
      mimeType: webmHere(),
      videoBitsPerSecond: 6_000_000,
    });
    /** @type {Blob[]} */
    this.pieces = [];
    this.recorder.ondataavailable = ({ data }) => void this.pieces.push(data);
  }

  async add() {
    if (this.recorder.state === "inactive") this.recorder.start();
    else this.recorder.resume();
    this.track.requestFrame();
    await new Promise((resolve) => setTimeout(resolve, 1_000 / FRAMES_A_SECOND));
    this.recorder.pause();
  }

  /** @returns {Promise<Blob>} */
  async end() {
    await new Promise((resolve, reject) => {
      this.recorder.onstop = resolve;
      this.recorder.onerror = reject;
      this.recorder.resume();
      // The last frame says how long the one before it stood.
      this.track.requestFrame();
      setTimeout(() => this.recorder.stop(), 1_000 / FRAMES_A_SECOND);
    });
    return new Blob(this.pieces, { type: "video/webm" });
  }

  close() {
    if (this.recorder.state !== "inactive") this.recorder.stop();
    this.track.stop();
  }
}
