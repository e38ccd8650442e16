import type { ImageStream, ImageVersion } from '#controller/store';

/** How old what the stream's nodes get is, in milliseconds, counted from its capture; null where there is no current version. */
export function ageOf(
  current: Pick<ImageVersion, 'captured_at' | 'created_at'> | undefined,
  now: number,
): number | null {
  if (current === undefined) return null;
  return Math.max(0, now - (current.captured_at ?? current.created_at));
}

/** Whether the stream should have had a newer version by now; one that never had any is as old as the stream itself. */
export function isOverdue(
  {
    refresh_after_ms: refreshAfterMs,
    created_at: createdAt,
  }: Pick<ImageStream, 'refresh_after_ms' | 'created_at'>,
  current: Pick<ImageVersion, 'captured_at' | 'created_at'> | undefined,
  now: number,
): boolean {
  if (refreshAfterMs === null) return false;
  return (ageOf(current, now) ?? now - createdAt) > refreshAfterMs;
}
