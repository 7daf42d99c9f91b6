// @ts-nocheck: of these packages no types are kept here.
// What the page takes of the package `qr`: see `xtask/src/borrowed.rs`.
export { encodeQR } from "qr";
