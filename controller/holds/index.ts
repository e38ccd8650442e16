/** Holds: nodes that are kept for people, the keys that open them, and the rules that keep the next failures. */
export { assertOwn, type Caller } from './caller.ts';
export { addAutohold, endAutohold, type AutoholdRequest } from './change-autoholds.ts';
export { extendHold, releaseHold } from './change-hold.ts';
export { addHoldKey, revokeHoldKey, type KeyRequest } from './change-keys.ts';
export { giveNotice } from './give-notice.ts';
export { findLiveHold, findOwnHold } from './find-own.ts';
export { partFromNodes, type Parting } from './keep-nodes.ts';
export { endHold } from './life-cycle.ts';
export { whyTooMany } from './limits.ts';
export { ownerOf } from './owner-of.ts';
export { registerKey, removeKey } from './profile-keys.ts';
export { parsePublicKey, type PublicKey } from './public-key.ts';
export { auditHold, recordHold } from './record.ts';
export { requestHold, wishOf, type HoldRequest } from './request-hold.ts';
