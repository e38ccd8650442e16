import type { Blobs, BlobLimits, Upload } from '#controller/blobs';
import type { Clock } from '#controller/clock';
import { deleteUpload, findUpload, putUpload, type Store, type UploadRow } from '#controller/store';
import { FootmanError } from '#shared/errors';
import type { ArtifactPartPuts } from '#shared/protocol';
import { formatBytes } from '#shared/quantity';
import { hasCode } from '../has-code.ts';

/** An object that an agent is to upload, under the path by which it names it. */
export interface Wanted {
  path: string;
  key: string;
  bytes: number;
  sha256: string;
}

/** Objects of one artifact that are too large for one request. What is begun stands in the store: another life of the controller goes on with it. */
export interface PartUploads {
  /** How the object goes into parts; null where the storage has the whole of it already. @throws FootmanError `too-large`, or the storage's */
  open(wanted: Wanted): Promise<{ bytes: number; count: number; stored: number[] } | null>;
  /** Requests for those of these parts that there are. */
  puts(path: string, parts: readonly number[]): Promise<ArtifactPartPuts['puts']>;
  /** Makes the objects out of their parts that came in parts. @throws FootmanError `request-invalid` where one is missing */
  complete(path: string): Promise<void>;
}

interface Deps {
  artifact: string;
  store: Store;
  clock: Clock;
  blobs: Blobs;
  signal: AbortSignal;
}

/** An object up to so many bytes is one request: losing it costs no more than that to send it again. */
export const PART_BYTES = 16 * 1024 * 1024;
/**
 * How long a request is good. The agent asks for another one when it is not: short is better, since a storage that signs neither size nor digest
 * takes other content with it, even when the artifact is complete.
 */
export const LINK_MS = 60 * 60_000;
const MIB = 1024 * 1024;

export function createPartUploads({ artifact, store, clock, blobs, signal }: Deps): PartUploads {
  const open = new Map<string, UploadRow>();

  return {
    async open(wanted) {
      const { path, key, bytes } = wanted;
      const known = open.get(path) ?? (await findUpload(store.db, artifact, path));
      if (known?.blob === key && known.bytes === bytes) {
        open.set(path, known);
        // An earlier life may have come so far, and no further.
        if ((await blobs.head(key, signal))?.bytes === bytes) return null;
        const stored = await storedOf(known);
        if (stored !== null) return shapeOf(known, stored);
      } else if (known !== undefined) await giveUp(known);
      const fresh = await begin(wanted);
      open.set(path, fresh);
      return shapeOf(fresh, []);
    },

    async puts(path, parts) {
      const row = open.get(path);
      if (row === undefined) return [];
      const { count } = shapeOf(row, []);
      const wanted = [...new Set(parts)].filter((part) => part >= 1 && part <= count);
      return Promise.all(
        wanted.map(async (part) => ({
          part,
          request: await blobs.presign({ method: 'PUT', upload: uploadOf(row), part, expiresIn: LINK_MS }),
        })),
      );
    },

    async complete(path) {
      const row = open.get(path);
      if (row === undefined || (await blobs.head(row.blob, signal))?.bytes === row.bytes) return;
      await blobs.uploads.complete(uploadOf(row), signal);
    },
  };

  /** A crash between the two leaves an upload that the sweep of the storage finds. */
  async function begin({ path, key, bytes }: Wanted): Promise<UploadRow> {
    const partBytes = partBytesFor(bytes, blobs.limits);
    const id = await blobs.uploads.begin(key, { bytes, partBytes }, signal);
    const created = { part_bytes: partBytes, created_at: clock.now() };
    const row = { artifact_id: artifact, path, blob: key, upload: id, bytes, ...created };
    await putUpload(store.db, row);
    return row;
  }

  async function storedOf(row: UploadRow): Promise<number[] | null> {
    try {
      return await blobs.uploads.parts(uploadOf(row), signal);
    } catch (error) {
      if (!hasCode(error, 'not-found')) throw error;
      return null;
    }
  }

  /** The file has changed since: what there is of it is of no use. */
  async function giveUp(row: UploadRow): Promise<void> {
    await blobs.uploads.abort({ key: row.blob, id: row.upload }, signal);
    await deleteUpload(store.db, row);
  }
}

function uploadOf({ blob, upload, bytes, part_bytes: partBytes }: UploadRow): Upload {
  return { key: blob, id: upload, bytes, partBytes };
}

function shapeOf({ bytes, part_bytes: partBytes }: UploadRow, stored: number[]) {
  return { bytes: partBytes, count: Math.max(1, Math.ceil(bytes / partBytes)), stored };
}

/** As small as may be, for what is lost is a part, and so large that there are not too many of them. */
function partBytesFor(
  bytes: number,
  { leastPartBytes, mostPartBytes, parts }: Pick<BlobLimits, 'leastPartBytes' | 'mostPartBytes' | 'parts'>,
): number {
  const needed = Math.ceil(bytes / parts / MIB) * MIB;
  const size = Math.min(Math.max(PART_BYTES, leastPartBytes, needed), mostPartBytes);
  if (Math.ceil(bytes / size) <= parts) return size;
  throw new FootmanError('too-large', `the storage takes no object of ${formatBytes(bytes)}`);
}
