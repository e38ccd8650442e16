import {
  closeSync,
  constants,
  fstatSync,
  mkdirSync,
  openSync,
  readSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

/** A step's folder: its script, its inputs, and the files that it leaves its results in. */
export interface StepFiles {
  script: string;
  outputs: string;
  environment: string;
  path: string;
  inputs: string;
  remove(): void;
}

/** What a step may leave in one file; more could not be told to the controller either. */
const MAX_RESULT_BYTES = 1024 * 1024;

/** @throws the system's error */
export function makeStepFiles(folder: string, script: string): StepFiles {
  mkdirSync(folder, { mode: 0o700 });
  const files = {
    script: join(folder, 'script'),
    outputs: join(folder, 'outputs'),
    environment: join(folder, 'env'),
    path: join(folder, 'path'),
    inputs: join(folder, 'inputs'),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
  writeFileSync(files.script, script, { mode: 0o600 });
  for (const file of [files.outputs, files.environment, files.path]) writeFileSync(file, '', { mode: 0o600 });
  mkdirSync(files.inputs);
  return files;
}

/**
 * The text of a result file; empty if the step removed it.
 *
 * @throws Error if it is no plain file any more, or too long
 */
export function readResultFile(path: string): string {
  let file: number;
  try {
    // The step may have put a FIFO there: opening it must not wait for a writer.
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
  try {
    const stat = fstatSync(file);
    const { size } = stat;
    if (!stat.isFile()) throw new Error('it is no plain file');
    if (size > MAX_RESULT_BYTES) throw new Error(`it has more than ${MAX_RESULT_BYTES} bytes`);
    const bytes = Buffer.alloc(size);
    return bytes.toString('utf8', 0, readSync(file, bytes, 0, size, 0));
  } finally {
    closeSync(file);
  }
}
