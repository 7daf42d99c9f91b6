// @ts-check
/**
 * Which packets to draw, and how far each has come. A packet crosses a data centre in a
 * millisecond: it is drawn for a third of a second of the viewer's time, whatever the speed.
 */

/** @typedef {import("../pkg/facts.js").PacketView} PacketView */

/** @typedef {{packet: PacketView, share: number, dead: boolean}} DrawnPacket */

const FLIGHT_WALL_US = 380_000;
const GRAVE_WALL_US = 700_000;
const WINDOW_US_MAX = 20_000_000;
export const PACKETS_MAX = 60;

/**
 * How long, in the run's time, a packet is on its way in the picture at this speed.
 *
 * @param {number} speed
 */
export function flightFor(speed) {
  return Math.min(WINDOW_US_MAX / 2, FLIGHT_WALL_US * speed);
}

/**
 * How far back the view must look for packets to draw.
 *
 * @param {number} speed
 */
export function windowFor(speed) {
  const stretched = flightFor(speed) + GRAVE_WALL_US * speed;
  return Math.round(Math.min(WINDOW_US_MAX, Math.max(2_000, stretched)));
}

/**
 * @param {readonly PacketView[]} packets
 * @param {number} time_us
 * @param {number} speed
 * @param {boolean} still true where nothing may move: each packet stands in mid-flight
 * @returns {DrawnPacket[]}
 */
export function drawnPackets(packets, time_us, speed, still = false) {
  const grave_us = GRAVE_WALL_US * speed;
  const drawn = [];
  for (const packet of packets) {
    const flight_us = Math.max(packet.ends_us - packet.sent_us, flightFor(speed));
    const age_us = time_us - packet.sent_us;
    if (age_us < 0) continue;
    const share = age_us / flight_us;
    const over = share >= 1;
    const stays = packet.died !== null || packet.unheard !== null;
    if (over && (!stays || age_us > flight_us + grave_us)) continue;
    const dead = over && packet.died !== null;
    drawn.push({
      packet,
      share: still ? (packet.died ? 1 : 0.55) : Math.min(1, share),
      dead: dead || (still && packet.died !== null),
    });
  }
  return thin(drawn);
}

/**
 * At high speed there are more than an eye can follow: a fair sample, steady from frame to frame.
 *
 * @param {DrawnPacket[]} drawn
 */
function thin(drawn) {
  let modulus = 1;
  let kept = drawn;
  while (kept.length > PACKETS_MAX) {
    modulus *= 2;
    kept = drawn.filter(({ packet }) => mix(packet.id) % modulus === 0);
  }
  return kept;
}

/**
 * Spreads neighbouring numbers, so that a sample does not pick one kind of packet only.
 *
 * @param {number} id
 */
function mix(id) {
  return Math.imul(id ^ (id >>> 7), 0x9e3779b1) >>> 11;
}
