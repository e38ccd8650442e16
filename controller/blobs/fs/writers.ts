import { FootmanError } from '#shared/errors';

/** Who writes parts at the moment. */
export interface Writers {
  /** Writes a part, once who wrote the same before was told to stop, and has. */
  write(
    upload: string,
    part: number,
    signal: AbortSignal,
    act: (signal: AbortSignal) => Promise<void>,
  ): Promise<void>;
  /** Ends an upload: nobody writes to it, or ends it as well, while `act` runs: a file that has its place must not change any more. */
  close<T>(upload: string, act: () => Promise<T>): Promise<T>;
}

interface Writer {
  abort: AbortController;
  done: Promise<unknown>;
}

export function createWriters(): Writers {
  const writers = new Map<string, Map<number, Writer>>();
  /** The last end of each upload. */
  const closing = new Map<string, Promise<unknown>>();

  return {
    async write(upload, part, signal, act) {
      if (closing.has(upload))
        throw new FootmanError('not-found', 'the upload is being completed or given up');
      const others = writers.get(upload) ?? new Map<number, Writer>();
      writers.set(upload, others);
      const earlier = others.get(part);
      const abort = new AbortController();
      const writing = takeOver(earlier).then(() => act(AbortSignal.any([signal, abort.signal])));
      const writer = { abort, done: writing.catch(() => undefined) };
      others.set(part, writer);
      try {
        await writing;
      } finally {
        if (others.get(part) === writer) others.delete(part);
        if (others.size === 0 && writers.get(upload) === others) writers.delete(upload);
      }
    },
    async close(upload, act) {
      const earlier = closing.get(upload);
      const closed = (async () => {
        await earlier?.catch(() => undefined);
        await Promise.all([...(writers.get(upload)?.values() ?? [])].map(takeOver));
        return act();
      })();
      closing.set(upload, closed);
      try {
        return await closed;
      } finally {
        if (closing.get(upload) === closed) closing.delete(upload);
      }
    },
  };
}

async function takeOver(writer: Writer | undefined): Promise<void> {
  writer?.abort.abort(new FootmanError('conflict', 'the part is being stored anew, or its upload has ended'));
  await writer?.done;
}
