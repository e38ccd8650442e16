import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { HoldBegin } from '#shared/protocol';
import { commandFor, type Environment } from '../steps/index.ts';
import { exportsScript, rerunScript } from './world-scripts.ts';

/** Where the world's files are. The agent's own account alone may read them. */
export interface WorldPlaces {
  folder: string;
  /** In front of the PATH of shells. */
  bin: string;
  /** The step's script, for people to change. */
  script: string;
  /** The script as the step had it. */
  original: string;
  /** The world's environment, for logins that have not come through the agent. */
  variables: string;
  /** What a step leaves its results in: nobody reads them here. */
  results: { outputs: string; environment: string; path: string; inputs: string };
}

export function worldPlaces(root: string): WorldPlaces {
  const folder = join(root, 'held');
  return {
    folder,
    bin: join(folder, 'bin'),
    script: join(folder, 'step'),
    original: join(folder, 'step.original'),
    variables: join(folder, 'environment.sh'),
    results: {
      outputs: join(folder, 'outputs'),
      environment: join(folder, 'env'),
      path: join(folder, 'path'),
      inputs: join(folder, 'inputs'),
    },
  };
}

/** @throws the system's error, or Error that tells what the image lacks */
export function writeWorldFiles(
  places: WorldPlaces,
  { hold, step }: HoldBegin,
  environment: Environment,
  folder: string,
): void {
  const { results } = places;
  for (const path of [places.folder, places.bin, results.inputs]) ownFolder(path);
  for (const path of [results.outputs, results.environment, results.path])
    if (!existsSync(path)) replaceFile(path, '', 0o600);
  replaceFile(places.variables, exportsScript(environment), 0o600);
  const rerun = join(places.bin, 'footman-rerun');
  if (step === null) return rmSync(rerun, { force: true });
  if (textOf(places.original) !== step.script || !existsSync(places.script)) {
    replaceFile(places.script, step.script, 0o600);
    replaceFile(places.original, step.script, 0o400);
  }
  const command = commandFor(step.shell, places.script, environment.PATH ?? '');
  replaceFile(rerun, rerunScript({ hold, variables: places.variables, folder, command }), 0o700);
}

/** What a step may have put there in its place goes. */
function ownFolder(path: string): void {
  const isFolder = lstatSync(path, { throwIfNoEntry: false })?.isDirectory();
  if (isFolder === false) rmSync(path);
  if (isFolder !== true) mkdirSync(path);
  chmodSync(path, 0o700);
}

/** Whole or not at all: a shell may be reading the one before. */
function replaceFile(path: string, text: string, mode: number): void {
  const fresh = `${path}.new`;
  rmSync(fresh, { recursive: true, force: true });
  writeFileSync(fresh, text, { mode, flag: 'wx' });
  renameSync(fresh, path);
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
