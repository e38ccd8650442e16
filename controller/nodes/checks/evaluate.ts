import type { CheckSettings } from '#controller/fleet';
import { checkNames, type CheckFinished } from '#shared/protocol';
import { formatBytes, formatDuration } from '#shared/quantity';

/** One thing that a node was looked at for. */
export interface CheckOutcome {
  /** `disk`, `memory`, `clock`, `dns NAME`, `reach TARGET` or `script`. */
  name: string;
  ok: boolean;
  /** What was found, in a sentence; null where there is nothing to say. */
  message: string | null;
  /** How long it took, in milliseconds; null for what takes no time. */
  ms: number | null;
}

export interface Verdict {
  /** In the order in which the settings have them. */
  outcomes: CheckOutcome[];
  /** Why the node is not fit, by the first that failed; null when it is. */
  problem: string | null;
}

/** What the agent found, and when that came. */
export interface Answer {
  finished: CheckFinished;
  /** By the controller's clock, in milliseconds since the epoch. */
  receivedAt: number;
  /** How long a word takes to the agent and back, in milliseconds. */
  roundTripMs: number;
}

/**
 * Whether the node is fit. The agent's word is all there is, but what it leaves out has failed, and what nobody asked for does not count:
 * an agent that lies harms nobody but its own node.
 */
export function evaluate(settings: CheckSettings, answer: Answer): Verdict {
  const outcomes = [...measured(settings, answer), ...looked(settings, answer.finished)];
  const failed = outcomes.find(({ ok }) => !ok);
  const problem =
    failed === undefined
      ? null
      : `its check "${failed.name}" failed: ${failed.message ?? 'it did not say why'}`;
  return { outcomes, problem };
}

function measured({ diskBytes, memoryBytes, clockMs }: CheckSettings, answer: Answer): CheckOutcome[] {
  const { diskFreeBytes, memoryAvailableBytes } = answer.finished;
  return [
    ...(diskBytes === null ? [] : [enough('disk', 'free', diskFreeBytes, diskBytes)]),
    ...(memoryBytes === null ? [] : [enough('memory', 'available', memoryAvailableBytes, memoryBytes)]),
    ...(clockMs === null ? [] : [inTime(clockMs, answer)]),
  ];
}

function enough(name: string, how: string, found: number, wanted: number): CheckOutcome {
  const ok = found >= wanted;
  const message = `${formatBytes(found)} ${how}, ${ok ? 'at least' : 'less than'} ${formatBytes(wanted)}`;
  return { name, ok, message, ms: null };
}

/** The word was on its way for half the round trip, as far as anybody can tell. */
function inTime(mostMs: number, { finished: { at }, receivedAt, roundTripMs }: Answer): CheckOutcome {
  const ahead = Math.round(at - (receivedAt - roundTripMs / 2));
  const ok = Math.abs(ahead) <= mostMs;
  const by = `${formatDuration(Math.abs(ahead))} ${ahead < 0 ? 'behind' : 'ahead of'} the controller's`;
  return {
    name: 'clock',
    ok,
    message: `it is ${by}, ${ok ? 'at most' : 'more than'} ${formatDuration(mostMs)}`,
    ms: null,
  };
}

function looked(settings: CheckSettings, { results }: CheckFinished): CheckOutcome[] {
  // Of one thing told twice the worse counts.
  const told = new Map(
    [...results]
      .sort((one, other) => Number(other.ok) - Number(one.ok))
      .map((result) => [result.name, result]),
  );
  return checkNames(settings).map((name) => {
    const result = told.get(name);
    if (result === undefined) return { name, ok: false, message: 'its agent did not tell of it', ms: null };
    const { ok, message, ms } = result;
    return { name, ok, message: message === undefined ? null : plain(message), ms };
  });
}

/** An agent's words stand in rows and on terminals: one line, without what moves a cursor. */
function plain(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/\p{Cc}+/gu, ' ')
    .trim();
}
