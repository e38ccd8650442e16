import type { Node } from '#controller/store';
import { formatBytes, formatDuration } from '#shared/quantity';
import type { TeardownSettings } from './teardown-settings.ts';

/** What is looked at of a node that waits to be removed. */
export type Waiting = Pick<
  Node,
  'id' | 'cloud' | 'template' | 'host' | 'state_since' | 'stopped_at' | 'removal_failures'
>;

/** What speaks for removing nodes, beside the nodes themselves. */
export interface Pressure {
  freeDiskBytes: number;
  freeMemoryBytes: number;
  /** Since when no job has run or waited, in milliseconds since the epoch; null while one does. */
  idleSince: number | null;
  /** Why somebody wants this very node gone, such as its place in a quota, as a sentence; null when nobody does. */
  wanted(node: Waiting): string | null;
}

export interface Due<T extends Waiting> {
  now: { node: T; reason: string }[];
  /** When the passing of time alone makes the next one due, in milliseconds since the epoch. */
  next: number | null;
}

/**
 * Which of the nodes that wait to be removed go now. What concerns all lets all go, down to the last: removing just enough to be under a
 * threshold would bring the next node over it again.
 */
export function due<T extends Waiting>(
  waiting: readonly T[],
  pressure: Pressure,
  settings: TeardownSettings,
  now: number,
): Due<T> {
  const common = reasonForAll(waiting.filter(isOrderly), pressure, settings, now);
  const judged = waiting.map((node) => ({ node, reason: reasonFor(node, pressure) ?? common }));
  const stays = judged.filter(({ reason }) => reason === null).map(({ node }) => node);
  return {
    now: judged.filter((each): each is { node: T; reason: string } => each.reason !== null),
    next: nextOf(stays, pressure, settings),
  };
}

/** What concerns one node, or those of its cloud or template. */
function reasonFor(node: Waiting, { wanted }: Pressure): string | null {
  if (node.host !== null) return `others wait for its host ${node.host}`;
  if (node.removal_failures > 0) return 'its removal failed before';
  return wanted(node);
}

function reasonForAll(
  waiting: readonly Waiting[],
  { freeDiskBytes, freeMemoryBytes, idleSince }: Pressure,
  settings: TeardownSettings,
  now: number,
): string | null {
  const { maxStopped, maxAgeMs, minFreeDiskBytes, minFreeMemoryBytes, idleMs } = settings;
  if (waiting.length === 0) return null;
  if (waiting.length > maxStopped)
    return `there are ${waiting.length} stopped nodes, more than ${maxStopped}`;
  if (waiting.some((node) => now - sinceOf(node) >= maxAgeMs))
    return `one was stopped ${formatDuration(maxAgeMs)} ago`;
  if (freeDiskBytes < minFreeDiskBytes)
    return `the disk has ${formatBytes(freeDiskBytes)} left, less than ${formatBytes(minFreeDiskBytes)}`;
  if (freeMemoryBytes < minFreeMemoryBytes)
    return `the machine has ${formatBytes(freeMemoryBytes)} of memory left, less than ${formatBytes(minFreeMemoryBytes)}`;
  if (idleSince !== null && now - idleSince >= idleMs) return 'there is nothing else to do';
  return null;
}

function nextOf(
  stays: readonly Waiting[],
  { idleSince }: Pressure,
  { maxAgeMs, idleMs }: TeardownSettings,
): number | null {
  if (stays.length === 0) return null;
  const times = stays.map((node) => sinceOf(node) + maxAgeMs);
  if (idleSince !== null) times.push(idleSince + idleMs);
  return times.reduce((earliest, time) => Math.min(earliest, time));
}

/** One that a cloud won't remove is its own affair: it must not hurry all others for as long as it stays. */
function isOrderly({ removal_failures: failures }: Waiting): boolean {
  return failures === 0;
}

/** A node that could not be stopped waits since it was done. */
function sinceOf({ stopped_at: stoppedAt, state_since: stateSince }: Waiting): number {
  return stoppedAt ?? stateSince;
}
