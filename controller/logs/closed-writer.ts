import { FootmanError } from '#shared/errors';
import type { LogSize } from './log-size.ts';
import type { LogWriter } from './log-writer.ts';

/** The writer of a log that has left the disk: it knows what the log has, and takes nothing new. */
export function createClosedWriter(size: LogSize, releasing: (closed: Promise<void>) => void): LogWriter {
  let released: Promise<void> | undefined;

  return {
    stored: size.bytes,
    pending: 0,
    complete: true,
    async append(offset, _time, { length }) {
      if (offset + length <= size.bytes) return size.bytes;
      throw new FootmanError('protocol-violation', `a log of ${size.bytes} bytes grew after its end`);
    },
    finish: () => Promise.resolve(size),
    release() {
      if (released !== undefined) return released;
      released = Promise.resolve();
      releasing(released);
      return released;
    },
  };
}
