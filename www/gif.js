// @ts-check
/**
 * Writes a film as a GIF, apart from the page: frame after frame as they come, each told when it is
 * in. Of a frame only what has changed is written, so what stands still stays as it is.
 */

/** @typedef {{GIFEncoder: () => any, quantize: Function, applyPalette: Function}} Encoder */

const page = /** @type {Worker} */ (/** @type {unknown} */ (self));

/** One of the 256 colours is none: what was there before shines through. */
const COLOURS = 255;

class Gif {
  /**
   * @param {Encoder} encoder
   * @param {{width: number, height: number, delay_ms: number}} film
   */
  constructor(encoder, { width, height, delay_ms }) {
    this.encoder = encoder;
    this.width = width;
    this.height = height;
    this.delay_ms = delay_ms;
    this.file = encoder.GIFEncoder();
    const canvas = new OffscreenCanvas(width, height);
    const options = { willReadFrequently: true };
    this.pen = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext("2d", options));
    /** @type {Uint32Array|null} */
    this.before = null;
  }

  /** @param {ImageBitmap} bitmap */
  add(bitmap) {
    const { encoder, width, height, before } = this;
    this.pen.drawImage(bitmap, 0, 0);
    bitmap.close();
    const { data } = this.pen.getImageData(0, 0, width, height);
    const points = new Uint32Array(data.buffer);
    const changed = before ? points.filter((point, at) => point !== before[at]) : points;
    const bytes = new Uint8ClampedArray(
      changed.length ? changed.slice().buffer : new ArrayBuffer(4),
    );
    const palette = encoder.quantize(bytes, COLOURS, { format: "rgb565" });
    const indices = encoder.applyPalette(bytes, palette, "rgb565");
    const none = palette.length;
    const frame = new Uint8Array(points.length).fill(none);
    let next = 0;
    points.forEach((point, at) => {
      if (!before || point !== before[at]) frame[at] = indices[next++];
    });
    const looks = { transparent: true, transparentIndex: none, dispose: 1 };
    const drawn = { palette: [...palette, [0, 0, 0]], delay: this.delay_ms, ...looks };
    this.file.writeFrame(frame, width, height, drawn);
    this.before = points;
  }

  end() {
    this.file.finish();
    return new Blob([this.file.bytes()], { type: "image/gif" });
  }
}

/** @type {Promise<Gif>|undefined} */
let begun;

page.onmessage = async ({ data }) => {
  try {
    begun ??= import(new URL("pkg/halflink-gif.js", location.href).href).then(
      (encoder) => new Gif(encoder, data),
    );
    const gif = await begun;
    if (data.kind === "frame") gif.add(data.bitmap);
    if (data.kind === "end") page.postMessage({ kind: "done", file: gif.end() });
    else page.postMessage({ kind: "took" });
  } catch (error) {
    page.postMessage({ kind: "failed", error: String(error) });
  }
};

export {};
