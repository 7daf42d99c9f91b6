// @ts-check
/** In the plant, a replica of a group that is not the one that is shown: a line on its server. */
import { orderColour, orderWords } from "./belief.js";
import { calling } from "./called.js";
import { replicaColour } from "./colours.js";
import { set, setClass, setText, svg } from "./dom.js";
import { shortened } from "./measure.js";
import { say } from "./page-words.js";

/** @param {number} y where its line begins */
export function createMember(y) {
  const [sign, words] = [svg("circle", { cx: 17, cy: 4, r: 5 }), svg("text", { x: 28, y: 8 })];
  const element = svg("g", { class: "member", transform: `translate(0 ${y})` }, sign, words);
  return { element, sign, words };
}

/** The width of a line for a replica of another group, by its smallest letters. */
const MEMBER_ROOM = 117;

/**
 * A replica of a group that is not shown: in a line, by the names of both.
 *
 * @param {ReturnType<typeof createMember> & {group: number, replica: number}} member
 * @param {import("../pkg/facts.js").Plan} plan
 * @param {import("../pkg/facts.js").View} view
 * @param {import("./measure.js").Measure} measure
 */
export function updateMember({ element, sign, words, group, replica }, plan, view, measure) {
  const belief = view.groups[group]?.[replica];
  if (!belief) return;
  const { up, leader, value } = belief;
  const order = value && orderColour(value.kind);
  const follows = order ?? (up && leader !== null ? replicaColour(leader) : null);
  setClass(element, "hollow", follows === null);
  setClass(element, "down", !up);
  set(sign, "fill", follows);
  set(sign, "stroke", follows ?? replicaColour(replica));
  const name = (/** @type {number} */ one) => `n${one + 1}`;
  const who = name(replica);
  const alone = leader === null ? "plant.no-leader" : leader === replica ? "plant.leads" : "";
  const kind = !up ? "down" : order ? "orders" : "leader";
  const told = { who, count: 1, leader: name(leader ?? 0), order: orderWords(value) };
  const said = alone && kind === "leader" ? `${who} ${say(alone)}` : say(`believers.${kind}`, told);
  const fits = (/** @type {string} */ line) => measure(line, 11) <= MEMBER_ROOM;
  const { name: of, names } = plan.groups[group];
  calling(names, () => {
    const short = shortened(of, (one) => fits(`${one} ${said}`));
    setText(words, shortened(`${short} ${said}`, fits));
  });
}
