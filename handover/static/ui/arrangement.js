// @ts-check
/** Who is large: a rule over the roster, without a page. */

/** @typedef {import("../../signaling/room.js").RosterEntry} RosterEntry */
/** @typedef {{participant: string, role: string}} Me */

// Whose picture is large until somebody speaks or is pinned: for a guest the municipality's nurse, who is new to them.
// The role `room` is the ward's tablet: the patient and whoever sits with them.
const AT_THE_WARD = ["nurse", "relative", "patient"];
const LARGE_FOR = { ward: AT_THE_WARD, room: AT_THE_WARD, nurse: ["room", "ward", "patient", "relative"], guest: ["nurse", "room", "ward"] };
const SIDE_BY_SIDE = 2; // more than two faces at once are large for nobody

/**
 * The participants to show large, the most important first. What is shared, whom one has pinned, everybody who signs and
 * one's own interpreter are always among them; a free place goes to who speaks, with their interpreter.
 * @param {RosterEntry[]} roster @param {Me} me
 * @param {{pinned?: string | null, speaking?: string | null}} [now]
 * @returns {string[]}
 */
export function largeOnes(roster, me, { pinned = null, speaking = null } = {}) {
  const others = roster.filter((one) => one.participant !== me.participant);
  const known = (/** @type {string | null} */ id) => others.find((one) => one.participant === id);
  const sharing = others.filter((one) => one.sharing);
  const mine = others.filter((one) => spokenForBy(one, roster) === me.participant);
  const chosen = new Set([...sharing, known(pinned), ...others.filter((one) => one.signing)].filter((one) => one !== undefined));
  const free = sharing.length ? 0 : SIDE_BY_SIDE - new Set([...chosen, ...mine]).size; // a screen wants the room to itself
  if (free > 0) {
    // While one's interpreter speaks, the face one looks at is still the other one's.
    const rest = others.filter((one) => !mine.includes(one));
    const lead = known(pinned) ?? rest.find((one) => one.participant === speaking) ?? usual(rest, me);
    if (lead) chosen.add(lead);
    const pair = lead && others.find((one) => interpretersPair(one, lead, roster));
    if (pair && chosen.size < SIDE_BY_SIDE) chosen.add(pair);
  }
  for (const one of mine) chosen.add(one);
  return [...chosen].map((one) => one.participant);
}

/** Where the person sits for whom an interpreter speaks, "" for everybody else: without an own device, at the ward's. */
export function spokenForBy(/** @type {RosterEntry} */ one, /** @type {RosterEntry[]} */ roster) {
  if (!one.speaks_for) return "";
  const own = roster.find((other) => other.participant === one.speaks_for);
  return (own ?? roster.find((other) => other.role === "room") ?? roster.find((other) => other.role === "ward"))?.participant ?? "";
}

function interpretersPair(/** @type {RosterEntry} */ one, /** @type {RosterEntry} */ other, /** @type {RosterEntry[]} */ roster) {
  return spokenForBy(one, roster) === other.participant || spokenForBy(other, roster) === one.participant;
}

function usual(/** @type {RosterEntry[]} */ others, /** @type {Me} */ me) {
  const order = LARGE_FOR[/** @type {"ward"} */ (me.role)] ?? LARGE_FOR.guest;
  return order.map((role) => others.find((one) => one.role === role)).find(Boolean) ?? others[0];
}
