import { initial } from './0001-initial.ts';
import { pipelinesInFull } from './0002-pipelines-in-full.ts';
import { provisioning } from './0003-provisioning.ts';
import { machines } from './0004-machines.ts';
import { images } from './0005-images.ts';
import { holds } from './0006-holds.ts';
import { storage } from './0007-storage/index.ts';
import type { Migration } from './migration.ts';

export type { Migration } from './migration.ts';

/** In order of their numbers, without gaps. */
export const MIGRATIONS: readonly Migration[] = [
  initial,
  pipelinesInFull,
  provisioning,
  machines,
  images,
  holds,
  storage,
];
