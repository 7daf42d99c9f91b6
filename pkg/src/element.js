// @ts-check
/**
 * `halflink/element`: the element for whoever puts modules together. What comes late comes as modules
 * that are imported by their names, so that every bundler finds them; none of them is an asset.
 */
import { define } from "../../www/half-link.js";
import { files } from "../lib/element-files.js";

define({
  load: async (file) => {
    const load = Object.hasOwn(files, file) ? files[file] : undefined;
    if (!load) throw new Error(`${file}.js is not in the package`);
    await load();
  },
  site: "",
});
