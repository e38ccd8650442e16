import { promisify } from 'node:util';
import {
  FOOTER_BYTES,
  HEADER_BYTES,
  MAX_FRAMES,
  MAX_FRAME_BYTES,
  SEEKABLE_MAGIC,
  SKIPPABLE_MAGIC,
} from './format.ts';

/** Compresses a stream so that any place of it can be read without what is before it. One call at a time. */
export interface SeekableWriter {
  /** Bytes that were given so far. */
  readonly bytes: number;
  /** Takes the bytes, which may be used again once it resolves. It waits for `write` where that is slow. */
  write(bytes: Uint8Array): Promise<void>;
  /** Writes what is left, and the table. To be called once. Resolves with the bytes of the whole object. */
  end(): Promise<number>;
}

interface Options {
  /** Bytes of a frame, at most 16 MiB: what reading a single byte costs. */
  frameBytes: number;
  /** Zstandard's level. */
  level: number;
}

interface Frame {
  bytes: number;
  compressed: Promise<Buffer>;
}

/** Frames that are compressed at a time, each on a thread of its own. */
const PARALLEL_FRAMES = 4;

/**
 * @param write takes the next piece of the object; called for one at a time, in their order
 * @throws RangeError for frames that no reader would take
 */
export function createSeekableWriter(
  write: (piece: Buffer) => Promise<void> | void,
  { frameBytes, level }: Options,
): SeekableWriter {
  if (frameBytes < 1 || frameBytes > MAX_FRAME_BYTES) throw new RangeError(`frames of ${frameBytes} bytes`);
  const sizes: { bytes: number; compressed: number }[] = [];
  const underWay: Frame[] = [];
  let frame: Buffer | undefined;
  let gathered = 0;
  let given = 0;
  let written = 0;

  return {
    get bytes() {
      return given;
    },
    async write(bytes) {
      given += bytes.length;
      for (let from = 0; from < bytes.length;) {
        frame ??= Buffer.allocUnsafe(frameBytes);
        const piece = bytes.subarray(from, from + frameBytes - gathered);
        frame.set(piece, gathered);
        gathered += piece.length;
        from += piece.length;
        if (gathered === frameBytes) await closeFrame(frame);
      }
    },
    async end() {
      if (frame !== undefined && gathered > 0) await closeFrame(frame);
      while (underWay.length > 0) await writeFrame();
      await put(tableOf(sizes));
      return written;
    },
  };

  async function closeFrame(full: Buffer): Promise<void> {
    if (sizes.length + underWay.length === MAX_FRAMES) throw new RangeError(`more than ${MAX_FRAMES} frames`);
    const compressed = compress(full.subarray(0, gathered), level);
    // Whoever waits for it hears of it.
    compressed.catch(() => undefined);
    underWay.push({ bytes: gathered, compressed });
    frame = undefined;
    gathered = 0;
    if (underWay.length >= PARALLEL_FRAMES) await writeFrame();
  }

  async function writeFrame(): Promise<void> {
    const first = underWay.shift();
    if (first === undefined) return;
    const compressed = await first.compressed;
    sizes.push({ bytes: first.bytes, compressed: compressed.length });
    await put(compressed);
  }

  async function put(piece: Buffer): Promise<void> {
    written += piece.length;
    await write(piece);
  }
}

async function compress(bytes: Buffer, level: number): Promise<Buffer> {
  // Loaded when it is needed: the agent starts without.
  const { constants, zstdCompress } = await import('node:zlib');
  const params = { [constants.ZSTD_c_compressionLevel]: level, [constants.ZSTD_c_checksumFlag]: 1 };
  // Room for what can't be compressed: in pieces of the default size, each would take a turn of its own.
  const chunkSize = bytes.length + Math.ceil(bytes.length / 256) + 64;
  return promisify(zstdCompress)(bytes, { params, pledgedSrcSize: bytes.length, chunkSize });
}

function tableOf(sizes: readonly { bytes: number; compressed: number }[]): Buffer {
  const table = Buffer.alloc(HEADER_BYTES + 8 * sizes.length + FOOTER_BYTES);
  table.writeUInt32LE(SKIPPABLE_MAGIC, 0);
  table.writeUInt32LE(table.length - HEADER_BYTES, 4);
  for (const [index, { bytes, compressed }] of sizes.entries()) {
    table.writeUInt32LE(compressed, HEADER_BYTES + 8 * index);
    table.writeUInt32LE(bytes, HEADER_BYTES + 8 * index + 4);
  }
  table.writeUInt32LE(sizes.length, table.length - FOOTER_BYTES);
  table.writeUInt32LE(SEEKABLE_MAGIC, table.length - 4);
  return table;
}
