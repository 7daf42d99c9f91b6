// Makes the page's modules load under Node as they do in the browser. `node --import` runs this first.
import { register } from "node:module";

register("./resolve.js", import.meta.url);
