// @ts-check
/** The keyed join, against the least document that it needs. */
import assert from "node:assert/strict";
import test from "node:test";
import { join } from "../../www/draw/join.js";

/** A parent that counts what is done to its children. */
class StubParent {
  constructor() {
    /** @type {StubChild[]} */
    this.children = [];
    this.moves = 0;
  }

  get firstChild() {
    return this.children[0] ?? null;
  }

  /**
   * @param {StubChild} child
   * @param {StubChild|null} before
   */
  insertBefore(child, before) {
    this.children = this.children.filter((other) => other !== child);
    const at = before ? this.children.indexOf(before) : this.children.length;
    this.children.splice(at, 0, child);
    child.parent = this;
    this.moves += 1;
  }
}

class StubChild {
  /** @param {string} name */
  constructor(name) {
    this.name = name;
    /** @type {StubParent|null} */
    this.parent = null;
  }

  get nextSibling() {
    const all = this.parent?.children ?? [];
    return all[all.indexOf(this) + 1] ?? null;
  }

  remove() {
    if (this.parent) this.parent.children = this.parent.children.filter((child) => child !== this);
  }
}

/**
 * @param {StubParent} parent
 * @param {string[]} names
 */
function draw(parent, names) {
  const created = /** @type {string[]} */ ([]);
  join(
    /** @type {any} */ (parent),
    names,
    (name) => name,
    (name) => {
      created.push(name);
      return /** @type {any} */ (new StubChild(name));
    },
  );
  return { created, names: parent.children.map(({ name }) => name).join("") };
}

test("join creates once, reuses, reorders and removes", () => {
  const parent = new StubParent();
  assert.deepEqual(draw(parent, ["a", "b", "c"]), { created: ["a", "b", "c"], names: "abc" });
  assert.deepEqual(draw(parent, ["c", "a", "d"]), { created: ["d"], names: "cad" });
  assert.deepEqual(draw(parent, []), { created: [], names: "" });
});

test("join leaves alone what is in its place when the first has left", () => {
  const parent = new StubParent();
  draw(parent, ["a", "b", "c", "d"]);
  parent.moves = 0;
  draw(parent, ["b", "c", "d", "e"]);
  assert.equal(parent.moves, 1, "only the new one is put in");
});
