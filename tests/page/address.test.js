// @ts-check
/** What an address asks for, whatever it was pasted through; and the address of what is shown. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { linkAddress, parseHash as parseTidy, readTime } from "../../www/run/address.js";
import { Crossings } from "../../www/run/crossings.js";
import { hashAmong, tidy } from "../../www/run/forgive.js";

const forgiven = readFileSync(new URL("../links/forgiven.txt", import.meta.url), "utf8");

/**
 * @param {string} hash
 * @param {string} [name]
 */
const parseHash = (hash, name) => parseTidy(tidy(hash), name);

/** @param {string} written */
const plain = (written) =>
  written
    .replaceAll("\\n", "\n")
    .replace(/\\u\{([0-9a-f]+)\}/g, (_, code) => String.fromCodePoint(Number.parseInt(code, 16)));

for (const line of forgiven.split("\n")) {
  if (!line || line.startsWith("# ")) continue;
  const [pasted, link, time_us] = line.split("\t");
  test(`forgiven: ${pasted}`, () => {
    const hash = plain(pasted).replace(/^[^#\uff03]*[#\uff03]/, "#");
    const read = parseHash(hash);
    assert.equal(read.link, `#${link}`);
    assert.equal(read.time_us, time_us === undefined ? null : Number(time_us));
    // A browser escapes some of it before the page sees it.
    const escaped = new URL(`https://x.org/${hash}`).hash;
    assert.deepEqual(parseHash(escaped), { ...read, refused: parseHash(escaped).refused });
  });
}

test("hash: nothing asks for nothing", () => {
  assert.deepEqual(parseHash(""), {
    link: "",
    time_us: null,
    compared: null,
    refused: [],
    module: "",
    play: null,
    speed: 1,
    loop: false,
    theme: "auto",
    view: "logic",
    fixed: false,
    group: null,
    groups: false,
  });
});

test("hash: a group by its name, or all of them", () => {
  assert.equal(parseHash("#2.ab&group=zk").group, "zk");
  assert.equal(parseHash("#2.ab&groups").groups, true);
  // No group can be called so.
  for (const name of ["", "Zk", "1st", "a".repeat(33)]) {
    assert.deepEqual(parseHash(`#2.ab&group=${name}`).refused, [`group=${name}`]);
  }
});

test("hash: what an author may ask for, on the link and in the frame's name", () => {
  const link =
    "#2.ab&t=0:15&play=visible&speed=1/10&loop&theme=dark&view=both&fixed=on&in=production&group=zk-2";
  const asked = parseHash(link.replaceAll("&", "&amp;"));
  assert.deepEqual(asked, {
    link: "#2.ab",
    time_us: 15e6,
    compared: null,
    refused: [],
    module: "production",
    play: "visible",
    speed: 0.1,
    loop: true,
    theme: "dark",
    view: "both",
    fixed: true,
    group: "zk-2",
    groups: false,
  });
  // The attribute of the snippet stands before the link, which may have been made by somebody else.
  const named = parseHash(
    link,
    "halflink t=3 play=off speed=2.5 loop=off theme=light view=plant fixed=no",
  );
  assert.deepEqual(named, {
    ...asked,
    time_us: 3e6,
    play: "off",
    speed: 2.5,
    loop: false,
    theme: "light",
    view: "plant",
    fixed: false,
  });
  assert.equal(parseHash("#2.ab", "play=off").play, null, "a frame's name may be anything");
  const nonsense = [
    "play=never",
    "speed=0",
    "speed=1e3",
    "speed=1/0",
    "loop=maybe",
    "theme=DARK",
    "view=",
    "fixed=2",
    "in=x",
  ];
  assert.deepEqual(parseHash(`#2.ab&${nonsense.join("&")}`).refused.sort(), nonsense.sort());
});

test("hash: an option that says nothing is told, one that is unknown is not", () => {
  assert.deepEqual(parseHash("#1.ab&t=soon&x=1&compare=A").refused, ["t=soon", "compare=A"]);
  assert.equal(parseHash("#1.ab&t=soon&t=3").time_us, 3e6, "the first that says something counts");
});

test("hash: whatever is in it, it is read at once", () => {
  // The processor's time, which other work on the machine does not lengthen.
  const before = process.cpuUsage();
  for (const piece of [".", "&", "&#0", "&amp;", "%26", "%", ":~", '"', "t=", "&t=1:", "\\"]) {
    parseHash(`#${piece.repeat(100_000)}x`);
  }
  assert.ok(process.cpuUsage(before).user < 6_000_000);
});

test("a link is found among words", () => {
  for (const pasted of [
    "Issue #12: see https://x.org/h/#2.ab&t=15",
    "&#8220;https://x.org/h/#2.ab&t=15&#8221;",
    "https://guard.example/?url=https%3A%2F%2Fx.org%2Fh%2F%232.ab%26t%3D15&data=05%7C01",
    "https://x.org/h/%25232.ab%2526t%253D15",
  ]) {
    const { link, time_us } = parseTidy(tidy(hashAmong(pasted) ?? ""));
    assert.deepEqual([link, time_us], ["#2.ab", 15e6], pasted);
  }
  assert.equal(hashAmong("no link at all"), null);
});

test("hash: who is compared is there and back", () => {
  const address = linkAddress("https://x.org/#old", "#raid-10", null, ["vr", "raft+prevote"]);
  assert.equal(address, "https://x.org/#raid-10&compare=vr,raft+prevote");
  assert.deepEqual(parseHash(new URL(address).hash).compared, ["vr", "raft+prevote"]);
  assert.deepEqual(parseHash("#raid-10&compare=vr%2Craft%2Bprevote).").compared, [
    "vr",
    "raft+prevote",
  ]);
  assert.deepEqual(parseHash("#raid-10&compare=").compared, []);
  assert.deepEqual(parseHash("#raid-10&compare=<b>").compared, []);
  assert.equal(parseHash("#raid-10&compare=B").compared, null);
});

test("hash: a moment is there and back, to the microsecond", () => {
  for (const time_us of [0, 1, 999_999, 5_000_123, 3_599_999_999, 86_400e6 - 1]) {
    const { hash } = new URL(linkAddress("https://x.org/", "#raid-10", time_us));
    assert.equal(parseHash(hash).time_us, time_us);
  }
  assert.equal(parseHash("#1.ab&t=99999").time_us, 99_999e6);
  assert.equal(readTime("1:00"), 60e6);
});

test("whatever is glued on and escaped, a link is read as it was", () => {
  // A fixed rule that scatters, so that a failure comes again.
  let state = 2020;
  const below = (/** @type {number} */ bound) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % bound;
  };
  const one = (/** @type {readonly string[]} */ of) => of[below(of.length)];
  const letters = [..."ABCXYZabcxyz0189-_"];
  for (let round = 0; round < 5_000; round += 1) {
    const word = Array.from({ length: 1 + below(60) }, () => one(letters)).join("");
    const time_us = below(2) ? below(4e9) : null;
    const compared = below(3) ? null : ["raft+prevote", "vr"];
    const address = linkAddress("https://x.org/h/", `#2.${word}`, time_us, compared);
    const at = below(address.length - 14) + 14;
    // After a name a space begins another word.
    const broken =
      at > address.indexOf("&compare") && compared
        ? ["\n", "\u200b"]
        : ["\n", "\r\n", " ", "\u200b", "\u00ad"];
    const pasted =
      [
        address,
        address.replaceAll("&", one(["&amp;", "&#038;", "&amp;amp;", "%26", "\\&"])),
        address.replaceAll("_", "\\_").replaceAll("+", "%2B"),
        `${address.slice(0, at)}${one(broken)}${address.slice(at)}`,
      ][below(4)] +
      one(["", ".", ")", ").", "),", ">", '"', "”", "?", "!", "…", "**", "', he said", "] (1)"]);
    const read = parseHash(new URL(pasted.replace(/\n|\r/g, "")).hash);
    assert.deepEqual(read, { ...parseHash(`#2.${word}`), time_us, compared }, pasted);
  }
});

test("undo leads back to the moment at which a run was left", () => {
  const texts = ["A"];
  const here = {
    session: { text: "A" },
    playback: {
      time_us: 40,
      seek(/** @type {number} */ at) {
        this.time_us = at;
      },
    },
  };
  const crossings = new Crossings();
  const opened = crossings.from(here);
  here.session.text = "B";
  texts.push("B");
  opened();
  assert.equal(here.playback.time_us, 0);
  here.playback.time_us = 7;
  crossings.walk(here, () => (here.session.text = "A"));
  assert.equal(here.playback.time_us, 40);
  here.playback.time_us = 41;
  crossings.walk(here, () => (here.session.text = "B"));
  assert.equal(here.playback.time_us, 7);
  crossings.walk(here, () => (here.session.text = "A"));
  assert.equal(here.playback.time_us, 41);
  // What is done to one run is undone where one stands.
  here.session.text = "A2";
  here.playback.time_us = 50;
  crossings.walk(here, () => (here.session.text = "A"));
  assert.equal(here.playback.time_us, 50);
});
