import type { HoldSettings } from '#controller/config';
import type { Hold } from '#controller/store';

/** What is to be done about a hold that holds, or when to look again. */
export type NextStep =
  | { kind: 'admit' | 'remind' | 'expire' }
  /** Until then, because somebody is at work on the node. */
  | { kind: 'extend'; until: number }
  | { kind: 'wait'; until: number };

/** Who did something on the node so short a time ago is at work on it. */
const AT_WORK_MS = 10 * 60_000;
/** How often one looks whether somebody is, when the end is near; and once more so long before it. */
const LOOK_MS = 5 * 60_000;
const SHORTEST_LOOK_MS = 10_000;
const LAST_LOOK_MS = 60_000;

type Settings = Pick<HoldSettings, 'remindBefore' | 'extendOnUse'>;

/** A hold that is used lasts longer before anybody is told that it ends; one that is told to end is told so once for each end. */
export function nextStep(hold: Hold, { remindBefore, extendOnUse }: Settings, now: number): NextStep {
  const { admitted, expires_at: end, latest_at: latest } = hold;
  if (admitted === 0 || end === null || latest === null) return { kind: 'admit' };
  const isExtensible = extendOnUse > 0 && end < latest;
  const isUsed = hold.used_at !== null && now - hold.used_at < AT_WORK_MS;
  const until = Math.min(now + extendOnUse, latest);
  // Not by every moment that has passed: who works on it would have it extended all the time, and each time is told to everybody.
  const isLonger = until > end && (until === latest || until - end >= paceOf(extendOnUse));
  if (isExtensible && isUsed && isLonger) return { kind: 'extend', until };
  if (now >= end) return { kind: 'expire' };
  const remindAt = remindBefore === 0 || hold.reminded_for === end ? end : end - remindBefore;
  if (now >= remindAt && !(isExtensible && isUsed)) return { kind: 'remind' };
  const looks = isExtensible ? nextLook(end, extendOnUse, now) : end;
  return { kind: 'wait', until: Math.min(looks, end, remindAt > now ? remindAt : end) };
}

/** Not before an extension would make it longer. */
function nextLook(end: number, extendOnUse: number, now: number): number {
  const pace = paceOf(extendOnUse);
  const next = Math.max(now, end - extendOnUse) + pace;
  const last = end - Math.min(LAST_LOOK_MS, pace);
  if (next < last) return next;
  return now < last ? last : end;
}

function paceOf(extendOnUse: number): number {
  return Math.max(SHORTEST_LOOK_MS, Math.min(LOOK_MS, Math.ceil(extendOnUse / 2)));
}
