import type { Build } from '#controller/store';
import { formatDuration } from '#shared/quantity';

/** When the build's time is up, waiting included, in milliseconds since the epoch; null where it has no limit. */
export function buildDeadline({
  created_at: createdAt,
  timeout_ms: timeoutMs,
}: Pick<Build, 'created_at' | 'timeout_ms'>): number | null {
  return timeoutMs === null ? null : createdAt + timeoutMs;
}

/** Why a job ends when its build's time is up. */
export function buildTimeoutReason(timeoutMs: number): string {
  return `the build took longer than ${formatDuration(timeoutMs)}`;
}
