// @ts-check
/** Shapes that several modules and pages name in their comments; never loaded by a browser. */

/**
 * @typedef {"connecting" | "waiting" | "admitted" | "reconnecting" | "left" | "declined" | "removed" | "replaced"
 *   | "ended" | "refused" | "not-allowed" | "full" | "outdated"} State
 * @typedef {{participant: string, name: string, role: string, organisation: string, relation: string, admits: boolean,
 *   away: boolean, microphone: boolean, camera: boolean, pictures: boolean, hand: boolean, sharing: boolean,
 *   signing: boolean, quality: import("./quality.js").Level | "", fingerprint: string, speaks_for: string,
 *   company: string[]}} RosterEntry
 * @typedef {{participant: string, name: string, role: string, relation: string, link: string, second_device: boolean,
 *   away: boolean, since: number}} KnockingEntry
 */

export {};
