import { abortable } from '#shared/abortable';
import type { Logger } from '#controller/logger';
import type { RuntimeFolder } from '../contract.ts';
import { archiveOf, type Archive } from './archive.ts';
import { bringRuntime } from './bring-runtime.ts';
import type { Connection } from './connection.ts';
import type { Machine } from './contract.ts';
import { checkSystem, inspect } from './inspect.ts';
import { placeOf } from './place.ts';
import { createTurns } from './turns.ts';

/** The runtime on machines. */
export interface Runtimes {
  /** Sees to it that the runtime is there, and returns where. Those that ask at the same time for one login bring it once. */
  bring(
    connection: Connection,
    machine: Machine,
    runtime: RuntimeFolder,
    signal: AbortSignal,
  ): Promise<string>;
}

export function createRuntimes({ controllerId, logger }: { controllerId: string; logger: Logger }): Runtimes {
  const turns = createTurns();
  let archive: { digest: string; packed: Promise<Archive> } | undefined;

  return {
    bring(connection, machine, runtime, signal) {
      const { digest } = runtime;
      return turns.take(`${machine.user}@${placeOf(machine)}`, signal, async () => {
        const found = await inspect(connection, machine, { controllerId, digest }, signal);
        checkSystem(found, machine);
        if (found.runtime !== undefined) return found.runtime;
        logger.info({ machine: machine.name, digest }, 'bringing the runtime');
        const packed = await abortable(packOnce(runtime), signal);
        return bringRuntime({ controllerId, machine, connection, archive: packed, digest }, signal);
      });
    },
  };

  /** Not by the caller's signal: others wait for the same, and it takes some seconds. */
  function packOnce(runtime: RuntimeFolder): Promise<Archive> {
    if (archive?.digest !== runtime.digest) {
      const packed = archiveOf(runtime);
      archive = { digest: runtime.digest, packed };
      packed.catch(() => (archive = undefined));
    }
    return archive.packed;
  }
}
