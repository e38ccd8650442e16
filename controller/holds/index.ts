/** Holds: nodes that are kept for people, the keys that open them, and the rules that keep the next failures. */
export { addKey, grantKeys, PROFILE, type NewHoldKey } from './grant-keys.ts';
export { partFromNodes, type Parting } from './keep-nodes.ts';
export { beginHold, endHold, type HoldEnding, type Keeping } from './life-cycle.ts';
export { ownerOf } from './owner-of.ts';
export { parsePublicKey, type PublicKey } from './public-key.ts';
export { auditHold, recordHold } from './record.ts';
