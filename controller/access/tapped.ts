import { Duplex } from 'node:stream';

export interface Taps {
  /** What comes from the node; the next piece waits for it. What it throws ends the stream. */
  read(bytes: Buffer): Promise<void> | void;
  written(bytes: Buffer): void;
}

/** The same stream, with somebody who sees all that goes over it. */
export function tapped(inner: Duplex, taps: Taps): Duplex {
  let wanted = Promise.withResolvers<void>();
  const outer = new Duplex({
    // How the process ended may come after the last byte of either direction: it is over when the channel is.
    autoDestroy: false,
    read: () => wanted.resolve(),
    write(bytes: Buffer, _encoding, done) {
      taps.written(bytes);
      // What is written to a channel that is over is lost; that is no error of the writer's.
      inner.write(bytes, () => done());
    },
    final(done) {
      inner.end(() => done());
    },
    destroy(error, done) {
      wanted.resolve();
      inner.destroy();
      done(error);
    },
  });
  inner.on('error', () => undefined);
  inner.once('close', () => {
    if (outer.readableEnded || !inner.readableEnded) outer.destroy();
    else outer.once('end', () => outer.destroy());
  });
  void pass().catch(() => outer.destroy());
  return outer;

  async function pass(): Promise<void> {
    // Its other direction may go on for long.
    for await (const bytes of inner.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      await taps.read(bytes);
      wanted = Promise.withResolvers();
      if (outer.destroyed) return;
      if (!outer.push(bytes)) await wanted.promise;
    }
    if (!outer.destroyed) outer.push(null);
  }
}
