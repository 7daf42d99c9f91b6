// @ts-check
/**
 * Where everything in the plant is drawn. Coordinates only: it never touches the document.
 *
 * Spines on top, racks below them, feeds at the foot. Servers are cabled in gutters at both sides,
 * the topmost on the innermost track, so that no cable crosses another. Of several sites each has
 * all that, and above it its border, where its WAN links begin (layout-sites.js).
 */
import { foldsOf, serversOf } from "./folds.js";
import { arrowhead, crossAt, dropCurve, offset, pathThrough, way } from "./geometry.js";
import { borderBox, placeSites, shapeWan, siteRoom, wanBox } from "./layout-sites.js";

/** @typedef {import("../pkg/facts.js").Plan} Plan */
/** @typedef {import("./geometry.js").Point} Point */
/** @typedef {import("./geometry.js").Box} Box */

/**
 * One direction of a cable.
 *
 * @typedef {{way: import("./geometry.js").Way, line: string, head: string, cross: string,
 *   mark: Point, hit: Box, centre: Point}} LaneShape mark: the middle of the cross
 * @typedef {{box: Box, centre: Point, base: number}} PartShape base: the height of a server without
 *   the lines of other groups' replicas
 * @typedef {{width: number, height: number, racks: {box: Box, label: Point}[],
 *   sites: Box[], parts: PartShape[], lanes: LaneShape[],
 *   drops: {line: string, side: number, source: number}[], hidden: boolean[],
 *   folds: {rack: number, box: Box, count: number, open: boolean}[]}} PlantLayout
 *   drops: from what feeds them to PDUs and transfer switches; source: its number
 *   sites: what is in each, where there are several
 *   hidden: parts that are not drawn, for a fold stands for them
 */

const MARGIN = 12;
const SPINE = { y: 12, height: 40, port: 36, widthMin: 190, apart: 60 };
/** Where sites stand one below the other, on a screen that is narrow: less beside, taller feeds. */
const NARROW = { margin: 5, widthMin: 140, apart: 20, feed: 26 };
const RACK = { y: 158, gap: 20, head: 22, foot: 18 };
const TOR = { width: 114, height: 38, inset: 14 };
const SERVER = { width: 168, tall: 84, short: 54, gap: 18 };
const PDU = { width: 12, inset: 7 };
/** In a server, at its wall: where cables and cords are plugged in. */
const PORT = { width: 7, nic: 32, psu: 9 };
const STUB = 36;
/** The line that stands for the idle servers of a rack. */
const FOLD = 26;
const FEED = { first: 48, pitch: 26, height: 24 };
/** Between feeds and PDUs, where the text has them. */
const ATS = { width: 92, height: 24, room: 42 };
const BREAKER = { height: 18, gap: 3 };
const CHAIN = { height: 20, gap: 8, ups: 58, generator: 96, inset: 20 };
/** The height of a line for a replica of a group that is not the one that is shown. */
export const MEMBER = 17;

/**
 * The replicas of groups that are not shown, by the number of their server.
 *
 * @param {Plan} plan
 */
export function membersOf({ groups, shown }) {
  /** @type {Map<number, {group: number, replica: number}[]>} */
  const members = new Map();
  groups.forEach(({ parts }, group) => {
    if (group === shown) return;
    parts.forEach((part, replica) => {
      members.set(part, [...(members.get(part) ?? []), { group, replica }]);
    });
  });
  return members;
}

/**
 * @param {Plan} plan
 * @param {import("./folds.js").Folds} [folds]
 * @param {boolean} [stacked] true if sites stand one below the other
 * @returns {PlantLayout}
 */
export function layoutPlant(plan, folds = foldsOf(plan), stacked = false) {
  const frame = measure(plan, folds, stacked && plan.sites > 1);
  const parts = plan.parts.map((part, index) => shapePart(plan, frame, part, index));
  const lanes = plan.lanes.map((lane, index) => shapeLane(plan, frame, parts, lane, index % 2));
  const racks = frame.racks.map((box) => ({
    box,
    label: { x: box.x + box.width / 2, y: box.y + box.height + 20 },
  }));
  const drops = plan.parts.flatMap((part, index) => shapeDrops(plan, frame, parts, part, index));
  const hidden = frame.servers.map((server) => server >= 0 && frame.tops[server].folded);
  const lines = [...folds.idle].map(([rack, idle]) => ({
    rack,
    box: foldBox(frame, rack),
    count: idle.length,
    open: folds.open.has(rack),
  }));
  const top = frame.over + 12;
  const ground = { width: frame.whole, height: frame.height - top };
  const sites = frame.sites.map(({ x, y }) => ({ x, y: y + top, ...ground }));
  return {
    width: frame.total,
    height: frame.bottom,
    racks,
    sites: frame.head ? sites : [],
    parts,
    lanes,
    drops,
    hidden,
    folds: lines,
  };
}

/**
 * The lines by which a PDU or a transfer switch gets its power.
 *
 * @param {Plan} plan
 * @param {ReturnType<typeof measure>} frame
 * @param {PartShape[]} parts
 * @param {import("../pkg/facts.js").PlanPart} part
 * @param {number} index
 * @returns {PlantLayout["drops"]}
 */
function shapeDrops(plan, frame, parts, part, index) {
  const { box, centre } = parts[index];
  const foot = box.y + box.height;
  const find = (
    /** @type {string} */ kind,
    /** @type {"side"|"rack"} */ by,
    /** @type {number|null} */ of,
  ) => plan.parts.findIndex((one) => one.kind === kind && one[by] === of && one.site === part.site);
  const sourceOf = (/** @type {number} */ side) => {
    const ups = find("ups", "side", side);
    return ups < 0 ? find("feed", "side", side) : ups;
  };
  const down = (/** @type {number} */ x, /** @type {number} */ side) => ({
    line: pathThrough([
      { x, y: foot },
      { x, y: frame.sites[part.site ?? 0].y + frame.feedY + side * FEED.pitch },
    ]),
    side,
    source: sourceOf(side),
  });
  if (part.kind === "ats") return [down(centre.x - 14, 0), down(centre.x + 14, 1)];
  if (part.kind !== "pdu") return [];
  const side = part.side ?? 0;
  const ats = find("ats", "rack", part.rack);
  if (ats < 0) return [down(centre.x, side)];
  const switched = parts[ats];
  const end = switched.centre.x + ((side ? 1 : -1) * switched.box.width) / 2;
  const line = pathThrough([
    { x: centre.x, y: foot },
    { x: centre.x, y: switched.centre.y },
    { x: end, y: switched.centre.y },
  ]);
  return [{ line, side, source: ats }];
}

/**
 * At the foot of its rack's servers.
 *
 * @param {ReturnType<typeof measure>} frame
 * @param {number} rack
 * @returns {Box}
 */
function foldBox(frame, rack) {
  const { x, y } = frame.racks[rack];
  return { x: x + frame.gutter, y: y + frame.ends[rack] - FOLD, width: SERVER.width, height: FOLD };
}

/**
 * The measures that everything else hangs on.
 *
 * @param {Plan} plan
 * @param {import("./folds.js").Folds} folds
 * @param {boolean} stacked
 */
function measure(plan, folds, stacked) {
  const { tops, ends, most } = serverTops(plan, folds);
  const pitch = most <= 4 ? 9 : 5;
  const apart = most <= 4 ? 4.4 : 2.4;
  const gutter = PDU.inset + PDU.width + 6 + Math.max(0, most - 1) * pitch + apart + STUB;
  const rackWidth = SERVER.width + 2 * gutter;
  const rackHeight = Math.max(...ends) + RACK.foot;
  const inSite = plan.racks / plan.sites;
  const { head, over } = siteRoom(plan.sites, stacked);
  const margin = stacked ? NARROW.margin : MARGIN;
  // Where a site is one rack, its spines are no wider than that: sites stand beside each other.
  const isSlim = stacked || (plan.sites > 1 && inSite === 1);
  const { widthMin, apart: spinesApart } = isSlim ? NARROW : SPINE;
  const spineWidth = Math.max(widthMin, inSite * 2 * SPINE.port + 16);
  const content = inSite * (rackWidth + RACK.gap) - RACK.gap;
  const width = Math.max(content, 2 * spineWidth + spinesApart) + 2 * margin;
  const left = (width - content) / 2;
  const has = (/** @type {string} */ kind) => plan.parts.some((part) => part.kind === kind);
  const feedY = head + RACK.y + rackHeight + FEED.first + (has("ats") ? ATS.room : 0);
  const height = feedY + FEED.pitch + 16;
  const ups = has("ups") ? CHAIN.ups + CHAIN.gap : 0;
  const beside = ups + (has("generator") ? CHAIN.generator + CHAIN.gap : 0);
  // Beside the racks, where no line leads down to the other feed; below one rack, between its lines.
  const isBelow = inSite === 1 && !has("ats");
  const x = isBelow ? width - margin - CHAIN.inset - beside : width - margin;
  const chain = { x, ups, beside, isBelow, breakers: has("breaker") };
  const whole = isBelow ? width : width + beside;
  const placed = placeSites(plan.sites, stacked, { width: whole, height });
  const sites = placed.places;
  const racks = Array.from({ length: plan.racks }, (_, rack) => {
    const { x, y } = sites[Math.floor(rack / inSite)];
    return {
      x: x + left + (rack % inSite) * (rackWidth + RACK.gap),
      y: y + head + RACK.y,
      width: rackWidth,
      height: rackHeight,
    };
  });
  const servers = serversOf(plan);
  const picture = { total: placed.width, bottom: placed.height, stacked, margin };
  const sizes = { width, height, whole, head, over, spineWidth, inSite, ...picture };
  return { pitch, apart, gutter, tops, ends, servers, racks, sites, feedY, chain, ...sizes };
}

/**
 * Where each server begins and ends in its rack: those with a replica are tall.
 *
 * @param {Plan} plan
 * @param {import("./folds.js").Folds} folds
 */
function serverTops(plan, folds) {
  const hidden = new Set(
    [...folds.idle].flatMap(([rack, servers]) => (folds.open.has(rack) ? [] : servers)),
  );
  const tall = new Set(plan.replicas.map(({ part }) => part));
  const members = membersOf(plan);
  const below = RACK.head + TOR.height + 24;
  const ends = Array.from({ length: plan.racks }, () => below - SERVER.gap);
  const drawn = ends.map(() => 0);
  const nowhere = { y: 0, height: 0, base: 0, track: 0, folded: false };
  const tops = plan.parts.map((part, index) => {
    if (part.kind !== "server") return nowhere;
    if (hidden.has(index)) return { ...nowhere, folded: true };
    const rack = part.rack ?? 0;
    const y = ends[rack] + SERVER.gap;
    const base = tall.has(index) ? SERVER.tall : SERVER.short;
    const height = base + MEMBER * (members.get(index)?.length ?? 0);
    ends[rack] = y + height;
    return { y, height, base, track: drawn[rack]++, folded: false };
  });
  for (const rack of folds.idle.keys()) ends[rack] += SERVER.gap + FOLD;
  return { tops, ends, most: Math.max(...drawn) };
}

/**
 * @param {Plan} plan
 * @param {ReturnType<typeof measure>} frame
 * @param {import("../pkg/facts.js").PlanPart} part
 * @param {number} index
 * @returns {PartShape}
 */
function shapePart(plan, frame, part, index) {
  const box = boxOf(plan, frame, part, index);
  const { base } = frame.tops[index];
  return { box, centre: { x: box.x + box.width / 2, y: box.y + box.height / 2 }, base };
}

/**
 * @param {Plan} plan
 * @param {ReturnType<typeof measure>} frame
 * @param {import("../pkg/facts.js").PlanPart} part
 * @param {number} index
 * @returns {Box}
 */
function boxOf(plan, frame, part, index) {
  const rack = frame.racks[part.rack ?? 0];
  const side = part.side ?? 0;
  const site = frame.sites[part.site ?? 0];
  switch (part.kind) {
    case "spine": {
      const centre = frame.width * (side ? 0.7 : 0.3);
      const shift = Math.max(0, frame.spineWidth / 2 + 20 - frame.width * 0.2) * (side ? 1 : -1);
      return {
        x: site.x + centre + shift - frame.spineWidth / 2,
        y: site.y + frame.head + SPINE.y,
        width: frame.spineWidth,
        height: SPINE.height,
      };
    }
    case "feed": {
      const height = frame.stacked ? NARROW.feed : FEED.height;
      return {
        x: site.x + frame.margin,
        y: site.y + frame.feedY + side * FEED.pitch - height / 2,
        width: frame.whole - 2 * frame.margin,
        height,
      };
    }
    case "ups":
    case "generator": {
      const { x, ups, beside, isBelow } = frame.chain;
      const y = site.y + frame.feedY + side * FEED.pitch - CHAIN.height / 2;
      const width = CHAIN[part.kind];
      // A UPS is between its generator and the line to the rack, which is at the other end on side b.
      const from = part.kind === "ups" ? 0 : ups;
      const left = isBelow && side ? beside - from - CHAIN.gap - width : from;
      return { x: site.x + x + CHAIN.gap + left, y, width, height: CHAIN.height };
    }
    case "ats": {
      const y = rack.y + rack.height + 30;
      return { x: rack.x + (rack.width - ATS.width) / 2, y, width: ATS.width, height: ATS.height };
    }
    case "tor": {
      const x = side ? rack.x + rack.width - TOR.inset - TOR.width : rack.x + TOR.inset;
      return { x, y: rack.y + RACK.head, width: TOR.width, height: TOR.height };
    }
    case "pdu": {
      const x = side ? rack.x + rack.width - PDU.inset - PDU.width : rack.x + PDU.inset;
      const breaker = frame.chain.breakers ? BREAKER.height + BREAKER.gap : 0;
      const y = rack.y + RACK.head + TOR.height + 20 + breaker;
      return { x, y, width: PDU.width, height: rack.y + rack.height - y - 14 };
    }
    case "breaker": {
      const x = side ? rack.x + rack.width - PDU.inset - PDU.width : rack.x + PDU.inset;
      const y = rack.y + RACK.head + TOR.height + 20;
      return { x, y, width: PDU.width, height: BREAKER.height };
    }
    case "server": {
      const top = frame.tops[index];
      if (top.folded) return foldBox(frame, part.rack ?? 0);
      return {
        x: rack.x + frame.gutter,
        y: rack.y + top.y,
        width: SERVER.width,
        height: top.height,
      };
    }
    case "nic":
    case "psu": {
      const { box, base } = serverOf(plan, frame, index);
      const x = side ? box.x + box.width - PORT.width : box.x;
      const nic = { y: box.y + (box.height - PORT.nic) / 2, height: PORT.nic };
      const psu = { y: box.y + base - PORT.psu - 2, height: PORT.psu };
      return { x, width: PORT.width, ...(part.kind === "nic" ? nic : psu) };
    }
    case "site":
      return borderBox(frame, part.site ?? 0);
    case "wan":
      return wanBox(plan, frame, index);
    default:
      return diskBox(plan, frame, part, index);
  }
}

/**
 * Disks sit at the server's lower right, mirror pairs together.
 *
 * @param {Plan} plan
 * @param {ReturnType<typeof measure>} frame
 * @param {import("../pkg/facts.js").PlanPart} disk
 * @param {number} index
 * @returns {Box}
 */
function diskBox(plan, frame, disk, index) {
  const { box, base } = serverOf(plan, frame, index);
  const number = disk.disk ?? 0;
  const width = diskWidth(plan);
  const left = box.x + box.width - disksWidth(plan);
  const x = left + number * (width + 1) + Math.floor(number / 2) * 4;
  return { x, y: box.y + base - 22, width, height: 14 };
}

/**
 * The box of the server that a part is in.
 *
 * @param {Plan} plan
 * @param {ReturnType<typeof measure>} frame
 * @param {number} inside the part's number
 */
function serverOf(plan, frame, inside) {
  const server = frame.servers[inside];
  return { box: boxOf(plan, frame, plan.parts[server], server), base: frame.tops[server].base };
}

/** @param {Plan} plan */
const diskWidth = ({ disks }) => (disks > 8 ? 4.5 : disks > 6 ? 7 : disks > 4 ? 9 : 16);

/** What its disks take of a server's width, up to its edge. @param {Plan} plan */
export const disksWidth = (plan) =>
  plan.disks * diskWidth(plan) + (plan.disks - 2) + (plan.disks / 2 - 1) * 4 + 9;

/**
 * @param {Plan} plan
 * @param {ReturnType<typeof measure>} frame
 * @param {PartShape[]} parts
 * @param {import("../pkg/facts.js").PlanLane} lane
 * @param {number} direction 0 goes up (from the lower part), 1 comes down
 * @returns {LaneShape}
 */
function shapeLane(plan, frame, parts, lane, direction) {
  const [lower, upper] = direction ? [lane.to, lane.from] : [lane.from, lane.to];
  if (plan.parts[lower].kind === "server") {
    return shapeCable(plan, frame, parts, lower, upper, direction);
  }
  const [below, above] = [parts[lower].box, parts[upper].box];
  if (plan.parts[lower].kind === "site") return shapeWan(frame, below, above, direction);
  switch (plan.parts[upper].kind) {
    case "spine":
      return shapeUplink(plan, frame, parts, lower, upper, direction);
    case "site": {
      const x = above.x + above.width * (plan.parts[lower].side ? 0.72 : 0.28);
      const top = { x, y: above.y + above.height };
      return shapeUpright(top, { x: below.x + below.width / 2, y: below.y }, 26, direction);
    }
    default:
      return shapePeer(below, above, direction);
  }
}

/**
 * From a server's side along its track in the gutter to the ToR switch above. Both arrowheads are
 * beside the server, 24 apart, where a finger finds them.
 *
 * @param {Plan} plan
 * @param {ReturnType<typeof measure>} frame
 * @param {PartShape[]} parts
 * @param {number} server
 * @param {number} tor
 * @param {number} direction
 * @returns {LaneShape}
 */
function shapeCable(plan, frame, parts, server, tor, direction) {
  const box = parts[server].box;
  const away = plan.parts[tor].side ? 1 : -1;
  const wall = away > 0 ? box.x + box.width : box.x;
  const track = STUB + frame.tops[server].track * frame.pitch + (direction ? 0 : frame.apart);
  const y = box.y + box.height / 2 + (direction ? -13 : 13);
  const torBox = parts[tor].box;
  const up = [
    { x: wall, y },
    { x: wall + away * track, y },
    { x: wall + away * track, y: torBox.y + torBox.height },
  ];
  const tip = { x: wall + away * (direction ? 1.5 : 24), y };
  const outward = { x: direction ? -away : away, y: 0 };
  const cross = { x: wall + away * (direction ? 22 : 7), y };
  return {
    way: way(direction ? [...up].reverse() : up),
    line: pathThrough(up),
    head: arrowhead(tip, outward, 6.4),
    cross: crossAt(cross, 4.6),
    mark: cross,
    hit: { x: away > 0 ? wall : wall - STUB + 2, y: y - 13, width: STUB - 2, height: 26 },
    centre: { x: wall + away * 16, y },
  };
}

/**
 * From a ToR switch up to a spine: a curve that is upright at both ends, so that arrowheads stand
 * side by side. The one that goes up ends at the spine, the one that comes down at the ToR.
 *
 * @param {Plan} plan
 * @param {ReturnType<typeof measure>} frame
 * @param {PartShape[]} parts
 * @param {number} tor
 * @param {number} spine
 * @param {number} direction
 * @returns {LaneShape}
 */
function shapeUplink(plan, frame, parts, tor, spine, direction) {
  const [torBox, spineBox] = [parts[tor].box, parts[spine].box];
  const rack = (plan.parts[tor].rack ?? 0) % frame.inSite;
  const port = rack * 2 + (plan.parts[tor].side ?? 0);
  const ports = frame.inSite * 2;
  const top = {
    x: spineBox.x + spineBox.width * ((port + 0.5) / ports),
    y: spineBox.y + spineBox.height,
  };
  const foot = { x: torBox.x + torBox.width * (plan.parts[spine].side ? 0.72 : 0.28), y: torBox.y };
  return shapeUpright(top, foot, Math.min(26, spineBox.width / ports - 4), direction);
}

/**
 * @param {Point} top
 * @param {Point} foot
 * @param {number} hitWidth
 * @param {number} direction
 * @returns {LaneShape}
 */
function shapeUpright(top, foot, hitWidth, direction) {
  const shift = direction ? 4 : -4;
  const down = offset(dropCurve(top, foot), shift);
  const end = direction ? { x: foot.x + shift, y: foot.y } : { x: top.x + shift, y: top.y };
  const tip = { x: end.x, y: end.y + (direction ? -1.5 : 1.5) };
  const mark = { x: end.x, y: end.y + (direction ? -22 : 22) };
  return {
    way: way(direction ? down : [...down].reverse()),
    line: pathThrough(down),
    head: arrowhead(tip, { x: 0, y: direction ? 1 : -1 }, 6.4),
    cross: crossAt(mark, 4.6),
    mark,
    hit: {
      x: end.x - hitWidth / 2,
      y: direction ? end.y - 32 : end.y,
      width: hitWidth,
      height: 32,
    },
    centre: { x: end.x, y: end.y + (direction ? -16 : 16) },
  };
}

/**
 * Between the two ToR switches of a rack, both directions one above the other.
 *
 * @param {Box} left
 * @param {Box} right
 * @param {number} direction 0 goes right
 * @returns {LaneShape}
 */
function shapePeer(left, right, direction) {
  const apart = 9;
  const y = left.y + left.height / 2 + (direction ? apart : -apart);
  const ends = [
    { x: left.x + left.width, y },
    { x: right.x, y },
  ];
  const [from, to] = direction ? [ends[1], ends[0]] : ends;
  const mark = { x: (from.x + to.x) / 2, y };
  const ahead = direction ? -1 : 1;
  return {
    way: way([from, to]),
    line: pathThrough(ends),
    head: arrowhead({ x: to.x - ahead * 1.5, y }, { x: ahead, y: 0 }, 6.4),
    cross: crossAt(mark, 4.6),
    mark,
    hit: { x: ends[0].x, y: y - apart, width: ends[1].x - ends[0].x, height: 2 * apart },
    centre: mark,
  };
}
