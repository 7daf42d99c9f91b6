// @ts-check
/**
 * The space-time diagram on a canvas: 20,000 lines are no elements. It is drawn on one that is
 * twice as wide as what is seen, and while somebody pulls it along, that is only put elsewhere.
 */
import { orderColour } from "./belief.js";
import { called } from "./called.js";
import { replicaColour } from "./colours.js";
import { COPY, DIED, HUES, LEFT, LIE, distance, huesOf, isAnswer } from "./diagram-layout.js";
import { lineOf, rowsIn, scaleOf, ticksIn } from "./diagram-layout.js";
import { shortened } from "./measure.js";

/** @typedef {import("./diagram-layout.js").Arrow} Arrow */
/** @typedef {import("./diagram-layout.js").Line} Line */
/** @typedef {import("./diagram-layout.js").Stretch} Stretch */

/**
 * What is drawn besides the messages.
 *
 * @typedef {{names: readonly string[], strip: import("../pkg/facts.js").Strip, time_us: number,
 *   chosen: Arrow|null, away: ReadonlySet<number>}} Scene
 *   away: replicas whose messages are hidden
 */

/** Up to so many arrows have heads, and words. */
const HEADS_MOST = 700;
const WORDS_MOST = 60;
/** So near a pointer has to be. */
const NEAR = 7;
const FONT = 11.5;

/** What is on a canvas, for whoever takes it away. @type {WeakMap<HTMLCanvasElement, DiagramView>} */
export const VIEWS = new WeakMap();

export class DiagramView {
  /**
   * @param {HTMLCanvasElement} canvas
   * @param {HTMLElement} probe of colours
   */
  constructor(canvas, probe) {
    this.canvas = canvas;
    this.probe = probe;
    /** @type {Look|null} */
    this.look = null;
    this.sheet = document.createElement("canvas");
    this.width = 0;
    this.height = 0;
    /** Of the screen, for each of the page's pixels. */
    this.dots = 1;
    /** What the sheet shows. @type {Stretch|null} */
    this.drawn = null;
    /** @type {Arrow[]} */
    this.arrows = [];
    /** @type {readonly import("./diagram-layout.js").Kind[]} */
    this.kinds = [];
    /** @type {number[]} */
    this.rows = [];
    /** What is seen. @type {{seen: Stretch, scene: Scene}|null} */
    this.shown = null;
    VIEWS.set(canvas, this);
  }

  /**
   * @param {number} width
   * @param {number} height
   * @param {number} [dots]
   */
  resize(width, height, dots = devicePixelRatio || 1) {
    [this.width, this.height, this.dots] = [width, height, dots];
    for (const [canvas, wide] of /** @type {const} */ ([
      [this.canvas, width],
      [this.sheet, width * 2 - LEFT],
    ])) {
      canvas.width = Math.max(1, Math.round(wide * dots));
      canvas.height = Math.max(1, Math.round(height * dots));
    }
    this.drawn = null;
  }

  /** The stretch that the sheet has room for, around the one that is seen. @param {Stretch} seen */
  wide({ from_us, to_us }) {
    const margin_us = (to_us - from_us) / 2;
    return { from_us: from_us - margin_us, to_us: to_us + margin_us };
  }

  /**
   * Draws the sheet anew.
   *
   * @param {Stretch} seen
   * @param {Arrow[]} arrows of all of {@link wide}
   * @param {Scene} scene
   */
  draw(seen, arrows, scene) {
    this.drawn = this.wide(seen);
    this.arrows = arrows;
    this.rows = rowsIn(scene.names.length, this.height);
    const pen = this.pen(this.sheet);
    this.look = lookOf(this.probe);
    const { look } = this;
    const { x } = scaleOf(this.drawn, this.width * 2 - LEFT);
    pen.clearRect(0, 0, this.sheet.width, this.sheet.height);
    this.drawAxis(pen, look, x);
    this.drawFaults(pen, look, x, scene);
    this.drawBeliefs(pen, look, x, scene);
    this.drawArrows(pen, look, x);
    this.show(seen, scene);
  }

  /**
   * Puts the sheet where it belongs, with what changes more often than messages do.
   *
   * @param {Stretch} seen
   * @param {Scene} scene
   */
  show(seen, scene) {
    this.shown = { seen, scene };
    const { drawn, look } = this;
    if (!drawn || !look || !this.width) return;
    const pen = this.pen(this.canvas);
    const { x, us } = scaleOf(seen, this.width);
    pen.clearRect(0, 0, this.width, this.height);
    const left = (drawn.from_us - seen.from_us) / us;
    pen.save();
    pen.beginPath();
    pen.rect(LEFT, 0, this.width - LEFT, this.height);
    pen.clip();
    // A sheet of another zoom is stretched until the new one is there.
    const stretched = (drawn.to_us - drawn.from_us) / us + LEFT;
    const wide = this.width * 2 - LEFT;
    const share = (stretched - LEFT) / (wide - LEFT);
    pen.drawImage(this.sheet, left + LEFT - LEFT * share, 0, wide * share, this.height);
    this.drawPlayhead(pen, look, x(scene.time_us));
    if (scene.chosen) this.drawChosen(pen, look, lineOf(scene.chosen, x, this.rows));
    pen.restore();
    this.drawNames(pen, look, scene);
  }

  /**
   * The same with so many points for each of its own; nothing if nothing is seen.
   *
   * @param {number} dots
   */
  enlarged(dots) {
    if (!this.shown) return null;
    const twin = new DiagramView(document.createElement("canvas"), this.probe);
    twin.kinds = this.kinds;
    twin.resize(this.width, this.height, dots);
    twin.draw(this.shown.seen, this.arrows, this.shown.scene);
    return twin.canvas;
  }

  /**
   * The message that is nearest to a point, if one is near.
   *
   * @param {Stretch} seen
   * @param {number} px
   * @param {number} py
   * @returns {Arrow|null}
   */
  near(seen, px, py) {
    const { x } = scaleOf(seen, this.width);
    let [best, least] = [/** @type {Arrow|null} */ (null), NEAR];
    for (const arrow of this.arrows) {
      const line = lineOf(arrow, x, this.rows);
      if (line.x1 > px + NEAR || line.x2 < px - NEAR) continue;
      const away = distance(line, px, py);
      if (away < least) [best, least] = [arrow, away];
    }
    return best;
  }

  /** @param {HTMLCanvasElement} canvas */
  pen(canvas) {
    const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    pen.setTransform(this.dots, 0, 0, this.dots, 0, 0);
    pen.lineCap = "butt";
    pen.setLineDash([]);
    return pen;
  }

  /**
   * @param {CanvasRenderingContext2D} pen
   * @param {Look} look
   * @param {(time_us: number) => number} x
   */
  drawAxis(pen, look, x) {
    const drawn = /** @type {Stretch} */ (this.drawn);
    pen.font = `${FONT}px ${look.font}`;
    pen.textBaseline = "middle";
    pen.textAlign = "left";
    for (const { time_us, words } of ticksIn(drawn, this.width * 2 - LEFT)) {
      const at = Math.round(x(time_us)) + 0.5;
      pen.fillStyle = look.track;
      pen.fillRect(at - 0.5, 0, 1, this.height);
      pen.fillStyle = look.soft;
      pen.fillText(words, at + 4, 9);
    }
  }

  /**
   * What was at fault, as bars above the rows.
   *
   * @param {CanvasRenderingContext2D} pen
   * @param {Look} look
   * @param {(time_us: number) => number} x
   * @param {Scene} scene
   */
  drawFaults(pen, look, x, { strip }) {
    pen.fillStyle = look.dead;
    for (const { from_us, to_us } of strip.faults) {
      const from = Math.max(x(from_us), -10);
      pen.fillRect(from, 20, Math.max(2, Math.min(x(to_us), this.width * 2) - from), 4);
    }
    for (const { at_us } of strip.violations) pen.fillRect(x(at_us) - 1, 20, 2, this.height);
  }

  /**
   * Each row in the colour of whom its replica believed in; a gap where it did not run.
   *
   * @param {CanvasRenderingContext2D} pen
   * @param {Look} look
   * @param {(time_us: number) => number} x
   * @param {Scene} scene
   */
  drawBeliefs(pen, look, x, { strip }) {
    const generals = strip.lanes.flat().some(({ value }) => orderColour(value?.kind));
    const right = this.width * 2;
    strip.lanes.forEach((spans, replica) => {
      const y = this.rows[replica];
      for (const { from_us, to_us, leader, role, value } of spans) {
        const [from, to] = [Math.max(x(from_us), -10), Math.min(x(to_us), right)];
        if (to < 0 || from > right || role === "down") continue;
        const order = orderColour(value?.kind);
        const follows = order !== null || (!generals && leader !== null);
        pen.fillStyle = order ?? (follows ? replicaColour(leader ?? 0) : look.lane);
        const thick = follows ? (leader === replica ? 5 : 3) : 1;
        pen.fillRect(from, y - thick / 2, Math.max(0.7, to - from), thick);
      }
    });
    pen.fillStyle = look.gold;
    for (const { at_us, leader } of strip.elections) {
      const [at, y] = [x(at_us), this.rows[leader]];
      if (at < 0 || at > right) continue;
      pen.beginPath();
      pen.moveTo(at, y - 7);
      pen.lineTo(at + 6, y);
      pen.lineTo(at, y + 7);
      pen.lineTo(at - 6, y);
      pen.fill();
    }
  }

  /**
   * One stroke for all that look alike.
   *
   * @param {CanvasRenderingContext2D} pen
   * @param {Look} look
   * @param {(time_us: number) => number} x
   */
  drawArrows(pen, look, x) {
    const hues = huesOf(this.kinds);
    /** @type {Map<string, Path2D>} */
    const paths = new Map();
    const pathOf = (/** @type {string} */ key) => {
      const path = paths.get(key) ?? new Path2D();
      paths.set(key, path);
      return path;
    };
    const heads = this.arrows.length <= HEADS_MOST;
    for (const arrow of this.arrows) {
      const line = lineOf(arrow, x, this.rows);
      const answer = isAnswer(this.kinds[arrow.kind]);
      const fate = arrow.marks & DIED ? "died" : arrow.marks & LIE ? "lie" : "";
      const key = [fate || hues[arrow.kind], answer && "thin", arrow.marks & COPY && "copy"].join();
      const path = pathOf(key);
      path.moveTo(line.x1, line.y1);
      path.lineTo(line.x2, line.y2);
      if (fate === "died") cross(pathOf("died"), line);
      else if (heads) head(path, line);
    }
    for (const [key, path] of paths) {
      const [hue, thin, copy] = key.split(",");
      pen.strokeStyle = hue === "died" ? look.dead : hue === "lie" ? look.ink : look.hues[+hue];
      pen.lineWidth = thin === "thin" ? 0.9 : hue === "0" ? 1 : 1.5;
      pen.setLineDash(hue === "lie" ? [5, 3] : copy === "copy" ? [2, 2] : []);
      pen.stroke(path);
    }
    pen.setLineDash([]);
    if (this.arrows.length <= WORDS_MOST) this.drawWords(pen, look, x);
  }

  /**
   * What each message is, where there are few.
   *
   * @param {CanvasRenderingContext2D} pen
   * @param {Look} look
   * @param {(time_us: number) => number} x
   */
  drawWords(pen, look, x) {
    pen.font = `${FONT}px ${look.font}`;
    pen.lineWidth = 3;
    pen.strokeStyle = look.panel;
    pen.fillStyle = look.text;
    /** @type {Line[]} */
    const taken = [];
    for (const arrow of this.arrows) {
      const { x1, y1, x2, y2 } = lineOf(arrow, x, this.rows);
      const { words } = this.kinds[arrow.kind];
      const [at, y] = [(x1 + x2) / 2 + 6, (y1 + y2) / 2];
      const box = { x1: at, y1: y - 8, x2: at + pen.measureText(words).width, y2: y + 8 };
      if (taken.some((other) => overlap(other, box))) continue;
      taken.push(box);
      pen.strokeText(words, at, y);
      pen.fillText(words, at, y);
    }
  }

  /**
   * @param {CanvasRenderingContext2D} pen
   * @param {Look} look
   * @param {number} x
   */
  drawPlayhead(pen, look, x) {
    pen.fillStyle = look.ink;
    pen.fillRect(x - 0.75, 0, 1.5, this.height);
  }

  /**
   * @param {CanvasRenderingContext2D} pen
   * @param {Look} look
   * @param {Line} line
   */
  drawChosen(pen, look, { x1, y1, x2, y2 }) {
    pen.strokeStyle = look.focus;
    pen.lineWidth = 4;
    pen.lineCap = "round";
    pen.beginPath();
    pen.moveTo(x1, y1);
    pen.lineTo(x2, y2);
    pen.stroke();
  }

  /**
   * @param {CanvasRenderingContext2D} pen
   * @param {Look} look
   * @param {Scene} scene
   */
  drawNames(pen, look, { names, away }) {
    pen.font = `650 12.5px ${look.font}`;
    pen.textBaseline = "middle";
    pen.textAlign = "right";
    pen.fillStyle = look.ink;
    const fits = (/** @type {string} */ words) => pen.measureText(words).width <= LEFT - 14;
    names.forEach((name, row) => {
      pen.globalAlpha = away.has(row) ? 0.4 : 1;
      pen.fillText(shortened(called(name), fits), LEFT - 12, this.rows[row]);
      pen.fillStyle = replicaColour(row);
      pen.fillRect(LEFT - 7, this.rows[row] - 5, 4, 10);
      pen.fillStyle = look.ink;
    });
    pen.globalAlpha = 1;
  }

  /** The row that is nearest to a height. @param {number} y */
  rowAt(y) {
    const away = this.rows.map((row) => Math.abs(row - y));
    return away.indexOf(Math.min(...away));
  }
}

/**
 * @param {Line} one
 * @param {Line} other
 */
const overlap = (one, other) =>
  one.x1 < other.x2 && other.x1 < one.x2 && one.y1 < other.y2 && other.y1 < one.y2;

/**
 * @param {Path2D} path
 * @param {Line} line
 */
function cross(path, { x2, y2 }) {
  path.moveTo(x2 - 3, y2 - 3);
  path.lineTo(x2 + 3, y2 + 3);
  path.moveTo(x2 + 3, y2 - 3);
  path.lineTo(x2 - 3, y2 + 3);
}

/**
 * @param {Path2D} path
 * @param {Line} line
 */
function head(path, { x1, y1, x2, y2 }) {
  const turn = Math.atan2(y2 - y1, x2 - x1);
  for (const side of [-0.4, 0.4]) {
    path.moveTo(x2, y2);
    path.lineTo(x2 - 8 * Math.cos(turn + side), y2 - 8 * Math.sin(turn + side));
  }
}

/** @typedef {ReturnType<typeof lookOf>} Look */

/** What is written in what colour of the page's. */
const COLOURS = /** @type {const} */ (["ink", "text", "soft", "panel", "lane", "track", "dead"]);

/**
 * The colours of the page, which are the reader's: light, dark or forced.
 *
 * @param {HTMLElement} probe an element that is not seen
 */
function lookOf(probe) {
  const colour = (/** @type {string} */ name) => {
    probe.style.color = `var(--${name})`;
    return getComputedStyle(probe).color;
  };
  const [ink, text, soft, panel, lane, track, dead] = COLOURS.map(colour);
  const hues = Array.from({ length: HUES }, (_, hue) => colour(`hue-${hue}`));
  const [gold, focus] = ["gold", "focus"].map(colour);
  const font = getComputedStyle(probe).fontFamily;
  return { ink, text, soft, panel, lane, track, dead, hues, gold, focus, font };
}
