import { mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Clock } from '#controller/clock';
import { formatBytes } from '#shared/quantity';
import type { Pty } from '#shared/protocol';
import { createAsciicast, headerLine } from './asciicast.ts';

/** What one terminal shows, on its way into a file. */
export interface Recording {
  /** Resolves when the file has it. */
  shown(bytes: Buffer): Promise<void>;
  resized(columns: number, rows: number): void;
  /** Resolves with the length of the file, in bytes. */
  end(): Promise<number>;
}

interface Options {
  path: string;
  pty: Pty;
  secrets: readonly string[];
  clock: Clock;
}

const MAX_BYTES = 128 * 1024 * 1024;

export async function startRecording({ path, pty, secrets, clock }: Options): Promise<Recording> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const file = await open(path, 'wx', 0o600);
  const startedAt = clock.now();
  const cast = createAsciicast(secrets);
  let bytes = 0;
  let isFull = false;
  let written = write(headerLine({ ...pty, startedAt }));
  // Whatever is written next fails with it.
  written.catch(() => undefined);

  return {
    shown(shown) {
      return isFull ? Promise.resolve() : queue(cast.shown(sinceStart(), shown));
    },
    resized(columns, rows) {
      if (!isFull) queue(cast.resized(sinceStart(), columns, rows)).catch(() => undefined);
    },
    async end() {
      try {
        if (!isFull) await queue(cast.end(sinceStart()));
      } finally {
        await file.close();
      }
      return bytes;
    },
  };

  function sinceStart(): number {
    return clock.now() - startedAt;
  }

  /** One after another; what could not be written fails all that follows. */
  function queue(text: string): Promise<void> {
    written = written.then(() => write(text));
    return written;
  }

  async function write(text: string): Promise<void> {
    if (text === '' || isFull) return;
    bytes += (await file.write(text)).bytesWritten;
    if (bytes < MAX_BYTES) return;
    isFull = true;
    const notice = JSON.stringify([
      sinceStart() / 1000,
      'o',
      `\r\n[footman] ${formatBytes(MAX_BYTES)} are recorded; the rest is not\r\n`,
    ]);
    bytes += (await file.write(`${notice}\n`)).bytesWritten;
  }
}
