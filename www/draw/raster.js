// @ts-check
/** A figure as points: the SVG that the page saves, drawn by the browser on a canvas. */

/**
 * An SVG as a picture that a canvas takes. It asks for nothing, so it stains no canvas.
 *
 * @param {string} svg
 */
export async function imageOf(svg) {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  await image.decode();
  return image;
}

/**
 * @param {number} width
 * @param {number} height
 */
export function canvasOf(width, height) {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [Math.max(1, Math.round(width)), Math.max(1, Math.round(height))];
  const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  return { canvas, pen };
}

/**
 * @param {string} svg
 * @param {number} scale points for each of its own
 */
export async function raster(svg, scale) {
  const image = await imageOf(svg);
  const { canvas, pen } = canvasOf(image.naturalWidth * scale, image.naturalHeight * scale);
  pen.drawImage(image, 0, 0, canvas.width, canvas.height);
  return canvas;
}

/**
 * What is drawn on nothing, on a ground.
 *
 * @param {HTMLCanvasElement} drawn
 * @param {string} ground
 */
export function grounded(drawn, ground) {
  const { canvas, pen } = canvasOf(drawn.width, drawn.height);
  pen.fillStyle = ground;
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.drawImage(drawn, 0, 0);
  return canvas;
}

/**
 * @param {HTMLCanvasElement} canvas
 * @returns {Promise<Blob>}
 */
export const pngOf = (canvas) =>
  new Promise((resolve, reject) =>
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("canvas"))), "image/png"),
  );
