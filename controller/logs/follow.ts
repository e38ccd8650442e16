import type { LiveLog } from './live-logs.ts';
import type { LogId } from './log-id.ts';
import type { Places } from './places.ts';

/** The log from `offset` on, and what is added, until it is complete. Takes only what is asked for. */
export async function* followFrom(
  places: Places,
  id: LogId,
  live: LiveLog,
  offset: number,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  let at = offset;
  for (;;) {
    const { version } = live;
    const size = live.size ?? (await places.size(id, signal));
    for await (const bytes of places.stretch(id, { offset: at, end: size.bytes }, signal)) {
      at += bytes.length;
      yield bytes;
    }
    if (size.complete) return;
    await live.changedSince(version, signal);
  }
}
