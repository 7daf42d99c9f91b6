// @ts-check
/** A QR code (ISO/IEC 18004) as a figure: dark on light in every theme, for a camera reads it. */

/** Bytes that the largest one holds, by how much of it may be lost: 40-L, 40-M, 40-Q, 40-H. */
export const QR_BYTES = { low: 2_953, medium: 2_331, quartile: 1_663, high: 1_273 };

/** The quiet zone that the standard asks for, in modules. */
export const QUIET = 4;

/** @param {string} text */
export const bytesOf = (text) => new TextEncoder().encode(text).length;

/**
 * @param {readonly (readonly boolean[])[]} rows of modules with the quiet zone around them, true for
 *   dark
 * @param {number} unit a module's side
 */
export function qrPicture(rows, unit) {
  const side = rows.length;
  const runs = rows.flatMap((row, y) =>
    [...darkRuns(row)].map(([x, wide]) => `M${x} ${y}h${wide}v1h-${wide}z`),
  );
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${side * unit}" height="${side * unit}" ` +
    `viewBox="0 0 ${side} ${side}" shape-rendering="crispEdges">` +
    `<rect width="${side}" height="${side}" fill="#fff"/>` +
    `<path fill="#000" d="${runs.join("")}"/></svg>\n`
  );
}

/**
 * Dark modules beside each other: from where, and how many.
 *
 * @param {readonly boolean[]} row
 * @returns {Generator<[number, number]>}
 */
function* darkRuns(row) {
  for (let x = 0; x < row.length; x += 1) {
    const begun = x;
    while (row[x]) x += 1;
    if (x > begun) yield [begun, x - begun];
  }
}
