// A document for the page's views where there is no browser.
import { parseHTML } from "linkedom";

Object.assign(globalThis, { document: parseHTML("<html></html>").document });
