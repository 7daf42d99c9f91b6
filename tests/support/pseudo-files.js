// Makes the language of brackets: its files, as a translator would add them to words/, in the
// folder that is named. `cargo xtask test pseudo` and `cargo xtask serve --pseudo` run this.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { LANGUAGE, pseudo } from "./pseudo.js";

const [folder] = process.argv.slice(2);
for (const part of ["", ".page", ".late", ".html"]) {
  const english = new URL(`../../words/en${part}.json`, import.meta.url);
  const words = pseudo(JSON.parse(readFileSync(english, "utf8")));
  writeFileSync(join(folder, `${LANGUAGE}${part}.json`), JSON.stringify(words));
}
