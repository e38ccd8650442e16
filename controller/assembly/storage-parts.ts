import { createWaitingKeeper, type WaitingKeeper } from '#controller/artifacts';
import type { Configuration } from '#controller/config';
import { createFsck, type Fsck } from '#controller/fsck';
import { createLogArchiver, type LogArchiver } from '#controller/log-archive';
import { createOrphanSweep, type OrphanSweep } from '#controller/orphans';
import { createRetentionKeeper, type RetentionKeeper } from '#controller/retention';
import { createTestReader, type TestReader } from '#controller/tests';
import type { Ground } from './ground.ts';

/** What looks after the storage: what is on its way there and read there, what of it goes, what nobody has, and whether all is there. */
export interface StorageParts {
  waitingKeeper: WaitingKeeper;
  logArchiver: LogArchiver;
  testReader: TestReader;
  retention: RetentionKeeper;
  orphans: OrphanSweep;
  fsck: Fsck;
}

export function createStorageParts(ground: Ground, running: () => Configuration): StorageParts {
  return {
    waitingKeeper: createWaitingKeeper(ground),
    logArchiver: createLogArchiver({ ...ground, settings: () => running().logs }),
    testReader: createTestReader({ ...ground, limits: () => running().limits }),
    retention: createRetentionKeeper({ ...ground, settings: () => running().retention }),
    orphans: createOrphanSweep(ground),
    fsck: createFsck(ground),
  };
}
