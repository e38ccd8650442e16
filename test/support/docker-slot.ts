import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { isAlive } from './is-alive.ts';

/** A place for one engine's data at a time, kept over runs. Runs side by side take a slot each. */
export interface Slot {
  number: number;
  dataRoot: string;
  /** For dockerd to write. */
  pidFile: string;
  release(): Promise<void>;
}

const HOME = fileURLToPath(new URL('../../.cache/docker', import.meta.url));
const MOST_SLOTS = 16;
const ENGINE_ENDS_WITHIN_MS = 30_000;

/** Claims the first slot that no living process has. */
export async function claimSlot(): Promise<Slot> {
  for (let number = 0; number < MOST_SLOTS; number += 1) {
    const folder = join(HOME, String(number));
    await mkdir(folder, { recursive: true });
    const lock = join(folder, 'lock');
    if (!(await claim(lock))) continue;
    const slot = { number, dataRoot: join(folder, 'data'), pidFile: join(folder, 'dockerd.pid') };
    await endAbandonedEngine(slot);
    return { ...slot, release: () => rm(lock, { force: true }) };
  }
  throw new Error(`all ${MOST_SLOTS} places for engines in ${HOME} are taken`);
}

async function claim(lock: string): Promise<boolean> {
  const holder = Number(await readFile(lock, 'utf8').catch(() => '0'));
  if (holder !== 0 && isAlive(holder)) return false;
  if (holder !== 0) await rm(lock, { force: true });
  return writeFile(lock, String(process.pid), { flag: 'wx' }).then(
    () => true,
    () => false,
  );
}

/** A run that was killed leaves its engine behind. */
async function endAbandonedEngine({ dataRoot, pidFile }: Pick<Slot, 'dataRoot' | 'pidFile'>): Promise<void> {
  const pid = Number(await readFile(pidFile, 'utf8').catch(() => '0'));
  if (pid === 0) return;
  const isOurs = async () =>
    (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => ''))
      .split('\0')
      .includes(`--data-root=${dataRoot}`);
  const deadline = Date.now() + ENGINE_ENDS_WITHIN_MS;
  while ((await isOurs()) && Date.now() < deadline) {
    process.kill(pid, 'SIGTERM');
    await delay(100);
  }
  await rm(pidFile, { force: true });
}
