import type { Clock } from '#controller/clock';
import { formatBytes } from '#shared/quantity';
import type { Notes } from './notes.ts';
import { oneLine } from './plain-text.ts';

/** How far a transfer is. */
export interface Transfer {
  files: number;
  bytes: number;
  totalFiles: number;
  /** Null while nobody knows. */
  totalBytes: number | null;
  /** Why nothing moves, in a sentence. */
  trouble?: string | undefined;
}

export interface ProgressNotes {
  note(transfer: Transfer): void;
  /** Whether anything moved, or was in trouble and tried again, a moment ago. */
  isMoving(): boolean;
  /** Why nothing moves at the moment, as it was told last. */
  readonly trouble: string | undefined;
}

const EVERY_MS = 5_000;
const STEP = 0.1;
const MOMENT_MS = 60_000;

/** Writes a line into the notes every few seconds, or tenth of the whole, while something moves; and each trouble once. */
export function createProgressNotes(notes: Pick<Notes, 'line'>, clock: Clock, name: string): ProgressNotes {
  let told = { at: clock.now(), share: 0 };
  let moved = { at: Number.NEGATIVE_INFINITY, files: -1, bytes: -1 };
  let trouble: string | undefined;

  return {
    note(transfer) {
      const now = clock.now();
      const { files, bytes } = transfer;
      const isFurther = files !== moved.files || bytes !== moved.bytes;
      if (isFurther || transfer.trouble !== undefined) moved = { at: now, files, bytes };
      if (transfer.trouble !== undefined && transfer.trouble !== trouble)
        notes.line(`${name}: ${oneLine(transfer.trouble)}; it is tried again`);
      trouble = transfer.trouble;
      if (!isFurther) return;
      const share = shareOf(transfer);
      if (now - told.at < EVERY_MS && share - told.share < STEP) return;
      told = { at: now, share };
      notes.line(`${name}: ${sentence(transfer, share)}`);
    },
    isMoving: () => clock.now() - moved.at < MOMENT_MS,
    get trouble() {
      return trouble;
    },
  };
}

function sentence({ files, bytes, totalFiles, totalBytes }: Transfer, share: number): string {
  const counted = `${files} of ${totalFiles} ${totalFiles === 1 ? 'file' : 'files'}`;
  if (totalBytes === null) return `${counted}, ${formatBytes(bytes)}`;
  return `${counted}, ${formatBytes(bytes)} of ${formatBytes(totalBytes)} (${Math.floor(share * 100)} %)`;
}

function shareOf({ bytes, totalBytes }: Transfer): number {
  return totalBytes === null || totalBytes === 0 ? 0 : Math.min(1, bytes / totalBytes);
}
