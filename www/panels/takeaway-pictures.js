// @ts-check
/** What Share's "Take away" draws: a moment as PNG, the link as a QR code, a stretch as a film. */
import { VIEWS } from "../draw/diagram-view.js";
import { grounded, pngOf, raster } from "../draw/raster.js";
import { QR_BYTES, QUIET, bytesOf, qrPicture } from "../draw/qr.js";
import { picture, pictures } from "../draw/picture.js";
import { film } from "../run/film.js";

/** @typedef {import("./share.js").Described} Described */
/** @typedef {keyof typeof QR_BYTES} Level */
/** @typedef {"light"|"dark"} Theme */

/** Points for each of a figure's own. */
const SCALE = 2;
/** So wide a module is in the SVG of a QR code, and at least as many points a PNG of it has a side. */
const MODULE = 8;
const QR_SIDE = 1_024;
/** Room for words beside the logical view of a film. */
const FILM_ROOM = 90;

/** @type {readonly Level[]} */
export const LEVELS = ["low", "medium", "quartile", "high"];

/** The diagram's canvas, if it is open. */
export function diagramCanvas() {
  const canvas = document.querySelector("#diagram:not([hidden]) canvas");
  return canvas instanceof HTMLCanvasElement && VIEWS.get(canvas)?.shown ? canvas : null;
}

/**
 * @param {Described} described
 * @param {"strip"|"logic"|"plant"|"diagram"} what
 * @param {Theme} theme
 */
export async function pictureOf({ run, time_us }, what, theme) {
  if (what !== "diagram") return raster(await picture(run, { what, time_us, theme }), SCALE);
  const canvas = diagramCanvas();
  const drawn = canvas && VIEWS.get(canvas)?.enlarged(SCALE);
  if (!drawn) throw new Error("diagram");
  return grounded(drawn, getComputedStyle(document.body).backgroundColor);
}

/**
 * What the build takes of the package `qr`: see xtask/src/borrowed.rs.
 *
 * @typedef {{encodeQR: (text: string, output: "raw",
 *   options: {ecc: Level, encoding: "byte", border: number}) => boolean[][]}} QrEncoder
 */

/** @type {Promise<QrEncoder>|undefined} */
let coming;

/**
 * The QR code of a link: what it takes and holds, and the code if the link fits into one.
 *
 * @param {string} link
 * @param {Level} level
 */
export async function qrOf(link, level) {
  const [bytes, most] = [bytesOf(link), QR_BYTES[level]];
  if (bytes > most) return { bytes, most, side: 0, svg: "" };
  coming ??= import(new URL("pkg/halflink-qr.js", document.baseURI).href).catch((error) => {
    coming = undefined;
    throw error;
  });
  const { encodeQR } = await /** @type {Promise<QrEncoder>} */ (coming);
  const rows = encodeQR(link, "raw", { ecc: level, encoding: "byte", border: QUIET });
  return { bytes, most, side: rows.length - 2 * QUIET, svg: qrPicture(rows, MODULE) };
}

/**
 * Whole points for each module, so that no edge is blurred.
 *
 * @param {{svg: string, side: number}} code
 */
export const qrCanvas = ({ svg, side }) =>
  raster(svg, Math.ceil(QR_SIDE / (side + 2 * QUIET)) / MODULE);

/**
 * @param {Described} described
 * @param {{what: "strip"|"logic"|"plant", theme: Theme}} looks
 * @param {Omit<import("../run/film.js").Film, "draw">} asked
 */
export async function filmOf({ run }, looks, asked) {
  const draw = await pictures(run);
  return film({ ...asked, draw: (time_us) => draw({ ...looks, time_us, least: FILM_ROOM }) });
}

/**
 * Puts a picture where the browser's clipboard is. It is asked at once, for a press does not last.
 *
 * @param {Promise<HTMLCanvasElement>} drawn
 */
export const copyPicture = (drawn) =>
  navigator.clipboard.write([new ClipboardItem({ "image/png": drawn.then(pngOf) })]);

/** True if this browser's clipboard takes pictures. */
export const copies = () =>
  typeof ClipboardItem === "function" && typeof navigator.clipboard?.write === "function";
