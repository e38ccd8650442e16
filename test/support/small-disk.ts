import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** A disk of a Docker Engine's own, in memory. */
export interface SmallDisk {
  /** What dockerd is to be started with. */
  argument: string;
  /** Leaves so much room, and no more; returns what takes that back. */
  fill(leftMib: number): Promise<() => Promise<void>>;
  /** What the engine writes layers to, before they get their names. */
  layersInMaking(): Promise<string[]>;
  /** Once its engine has stopped. */
  dispose(): Promise<void>;
}

const run = promisify(execFile);

export async function mountSmallDisk(sizeMib: number): Promise<SmallDisk> {
  const folder = await mkdtemp(join(tmpdir(), 'small-disk-'));
  await run('mount', ['-t', 'tmpfs', '-o', `size=${sizeMib}m`, 'tmpfs', folder]);

  return {
    argument: `--data-root=${folder}`,
    async fill(leftMib) {
      const filler = join(folder, 'filler');
      await run('dd', ['if=/dev/zero', `of=${filler}`, 'bs=1M']).catch(() => undefined);
      await run('truncate', [`--size=-${leftMib}M`, filler]);
      return () => rm(filler);
    },
    async layersInMaking() {
      const drivers = await readdir(join(folder, 'image'));
      const found = await Promise.all(
        drivers.map((driver) => readdir(join(folder, 'image', driver, 'layerdb/tmp')).catch(() => [])),
      );
      return found.flat();
    },
    async dispose() {
      await run('umount', ['--lazy', folder]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}
