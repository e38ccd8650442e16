import { setTimeout } from 'node:timers/promises';
import { FootmanError } from '#shared/errors';
import { pause, type FakePause } from './pause.ts';
import { edgeOf, type FakeCall, type FakeEdge, type FakeRule } from './script.ts';
import type { FakeWorld } from './world.ts';

/** One edge of one call. */
export interface Meeting {
  call: FakeCall;
  edge: FakeEdge;
  /** Null for listings, resets, and what is of an image alone. */
  node: string | null;
  /** The static host of a launch that has one, or of a reset. */
  host: string | undefined;
  /** The captured image that the call is about, or launches from. */
  image: string | undefined;
  variant: string | undefined;
}

/** What a rule may need to do its work. */
export interface Powers {
  world: FakeWorld;
  /** Takes the node's resource and agent away. */
  vanish: (node: string) => Promise<void>;
  /** Called before a rule acts. */
  onFault: (rule: FakeRule) => Promise<void>;
}

/**
 * Lets all rules of the script act that fit this edge of the call.
 *
 * @throws what a rule throws
 */
export async function meetRules(meeting: Meeting, powers: Powers, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  for (const [index, rule] of (await powers.world.rules()).entries()) {
    if (!fits(rule, meeting)) continue;
    if (!(await powers.world.claim(rule.name ?? String(index), rule.times))) continue;
    await powers.onFault(rule);
    await act(rule, meeting, powers, signal);
  }
}

function fits(rule: FakeRule, { call, edge, node, host, image, variant }: Meeting): boolean {
  if (rule.on !== call || edgeOf(rule) !== edge) return false;
  if (rule.node !== undefined && call !== 'list' && rule.node !== node) return false;
  if (rule.host !== undefined && rule.host !== host) return false;
  if (rule.image !== undefined && rule.image !== image) return false;
  return rule.variant === undefined || rule.variant === variant;
}

async function act(rule: FakeRule, meeting: Meeting, powers: Powers, signal: AbortSignal): Promise<void> {
  // A listing is of no node: there the rule says whose resource it means.
  const node = meeting.node ?? rule.node;
  switch (rule.do) {
    case 'pause':
      return pause({ ...placeOf(meeting), pid: process.pid }, powers.world, signal);
    case 'sleep':
      return setTimeout(rule.ms, undefined, { signal });
    case 'hang':
      return hang(signal);
    case 'refuse':
      throw new FootmanError('cloud-refused', 'the script refuses');
    case 'abort':
      throw new FootmanError('cloud-aborted', 'the script has no capacity');
    case 'unavailable':
      throw new FootmanError('cloud-unavailable', 'the script is not available');
    case 'lose-answer':
      throw new FootmanError('cloud-unavailable', 'the script lost the answer');
    case 'vanish':
      return node === undefined ? undefined : powers.vanish(node);
    case 'hide':
      return node === undefined ? undefined : powers.world.hide(node, rule.listings);
  }
}

function placeOf({ call, edge, node, host, image }: Meeting): Omit<FakePause, 'pid'> {
  return { call, edge, node, ...(host !== undefined && { host }), ...(image !== undefined && { image }) };
}

function hang(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const giveUp = () =>
      reject(new FootmanError('cloud-unavailable', 'the script never answered', { cause: signal.reason }));
    if (signal.aborted) giveUp();
    else signal.addEventListener('abort', giveUp, { once: true });
  });
}
