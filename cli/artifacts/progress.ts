import { formatBytes } from '#shared/quantity';
import { createScreen, type Output } from '../terminal/index.ts';

/** How far a transfer is. */
export interface TransferProgress {
  /** More is to come. */
  add(more: { files: number; bytes: number }): void;
  bytes(count: number): void;
  fileDone(): void;
  close(): void;
}

/** On a terminal, a line that is drawn over and over; elsewhere a line now and then, for a log. */
const DRAW_MS = 200;
const TELL_MS = 10_000;

export function createTransferProgress(out: Output): TransferProgress {
  const screen = createScreen(out);
  const all = { files: 0, bytes: 0 };
  const done = { files: 0, bytes: 0 };
  const startedAt = Date.now();
  const timer = setInterval(tell, out.isTerminal ? DRAW_MS : TELL_MS);
  timer.unref();

  return {
    add({ files, bytes }) {
      all.files += files;
      all.bytes += bytes;
    },
    bytes: (count) => void (done.bytes += count),
    fileDone: () => void (done.files += 1),
    close() {
      clearInterval(timer);
      screen.setStatus('');
    },
  };

  function tell(): void {
    const seconds = Math.max(1, (Date.now() - startedAt) / 1000);
    const rate = formatBytes(Math.round(done.bytes / seconds));
    const text = `${done.files} of ${all.files} files · ${formatBytes(done.bytes)} of ${formatBytes(all.bytes)} · ${rate}/s`;
    if (out.isTerminal) screen.setStatus(text);
    else void out.write(`${text}\n`);
  }
}
