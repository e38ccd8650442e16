import { join } from 'node:path';
import { messageOf } from '#shared/errors';
import type { HoldBegin } from '#shared/protocol';
import {
  keepExports,
  stepEnvironment,
  withoutSecrets,
  type Environment,
  type Exports,
  type Steps,
} from '../steps/index.ts';
import { killDescendants, type Folders, type Libc } from '../system/index.ts';
import { findFolder } from './world-folder.ts';
import { worldPlaces, writeWorldFiles } from './world-files.ts';

/** The job's world as its failed step had it, for those who look at the held node. */
export interface World {
  /** What shells start from: the step's environment, with `footman-rerun` among the programs. */
  environment(): Environment;
  /** Where they start: the step's working directory, or else the nearest folder that there still is. */
  folder(): string;
  /** What a terminal prints first. */
  banner(): string;
  /**
   * Makes the world, or makes it anew: a step's script that people have changed stays until the order has another one. The first time, processes
   * that steps left behind are killed where there are secrets that must not stay.
   *
   * @returns a sentence about what is missing of it
   */
  begin(order: HoldBegin): string | undefined;
}

interface Deps {
  folders: Folders;
  libc: Libc;
  steps: Pick<Steps, 'legacy'>;
}

/** A world of no step: there is one from the first `hold.begin` on. */
export function createWorld({ folders, libc, steps }: Deps): World {
  const places = worldPlaces(folders.root);
  let begun: { order: HoldBegin; environment: Environment } | undefined;

  return {
    environment: () => begun?.environment ?? steps.legacy().base,
    folder: () => findFolder(folders, begun?.order.step?.workingDirectory),
    banner: () => begun?.order.banner ?? '',
    begin(order) {
      if (begun === undefined && order.hasDenied) killDescendants(libc);
      const exports = order.hasDenied ? withoutSecrets(steps.legacy().exports) : steps.legacy().exports;
      const environment = environmentOf(order, exports);
      begun = { order, environment };
      const problems = [
        // For the agent of the machine's next boot.
        ...problemOf(() => keepExports(folders.root).write(exports)),
        ...problemOf(() => writeWorldFiles(places, order, environment, wantedFolder(order))),
      ];
      return problems.length === 0 ? undefined : problems.join('; ');
    },
  };

  function environmentOf({ hold, step }: HoldBegin, exports: Exports): Environment {
    const { base } = steps.legacy();
    const environment = stepEnvironment(base, exports, step?.env ?? {}, places.results, folders);
    return { ...environment, PATH: `${places.bin}:${environment.PATH ?? ''}`, FOOTMAN_HOLD: hold };
  }

  function wantedFolder({ step }: HoldBegin): string {
    return join(folders.workspace, step?.workingDirectory ?? '');
  }
}

function problemOf(work: () => void): string[] {
  try {
    work();
    return [];
  } catch (error) {
    return [messageOf(error)];
  }
}
