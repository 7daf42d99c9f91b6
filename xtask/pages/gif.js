// @ts-nocheck: of these packages no types are kept here.
// What the page takes of the package `gifenc`: see `xtask/src/borrowed.rs`.
export { GIFEncoder, applyPalette, quantize } from "gifenc";
