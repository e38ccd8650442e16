import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { createSeekableWriter } from '#shared/seekable';

test.each([0, 1, 100_000])(
  'what can be read from anywhere is read by zstd itself too: %i bytes',
  async (bytes) => {
    const content = Buffer.alloc(bytes, 'text ');
    const pieces: Buffer[] = [];
    const writer = createSeekableWriter((piece) => void pieces.push(piece), { frameBytes: 4096, level: 3 });
    await writer.write(content);
    await writer.end();
    expect(execFileSync('zstd', ['-dc'], { input: Buffer.concat(pieces) }).equals(content)).toBe(true);
  },
);
