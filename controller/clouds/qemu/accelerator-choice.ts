import { abortable } from '#shared/abortable';
import { chooseAccelerator, type Accelerator } from './machine/index.ts';
import type { QemuSettings } from './schema.ts';

const LIMIT_MS = 60_000;

/** What the cloud's machines run on. Where that has to be tried, it is tried once, and all who ask meanwhile wait for it. */
export function createAcceleratorChoice(
  { accelerator, program }: QemuSettings,
  folder: string,
): (signal: AbortSignal) => Promise<Accelerator> {
  let choosing: Promise<Accelerator> | undefined;

  return async (signal) => {
    if (accelerator !== 'auto') return accelerator;
    choosing ??= chooseAccelerator(program, folder, AbortSignal.timeout(LIMIT_MS)).catch((error: unknown) => {
      choosing = undefined;
      throw error;
    });
    return abortable(choosing, signal);
  };
}
