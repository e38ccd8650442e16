import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { StepStart } from '#shared/protocol';

/** A program and its arguments. */
export interface Command {
  file: string;
  args: string[];
}

interface Interpreter {
  /** In the order of preference. */
  programs: readonly string[];
  options: readonly string[];
}

/** Scripts stop at the first command that fails; no start-up file of a user has a say. */
const INTERPRETERS: Readonly<Record<StepStart['shell'], Interpreter>> = {
  sh: { programs: ['sh'], options: ['-e'] },
  bash: { programs: ['bash'], options: ['--noprofile', '--norc', '-eo', 'pipefail'] },
  python: { programs: ['python3', 'python'], options: ['-u'] },
};

/**
 * How to run the script on this node.
 *
 * @throws Error that tells what the image lacks
 */
export function commandFor(shell: StepStart['shell'], script: string, path: string): Command {
  const { programs, options } = INTERPRETERS[shell];
  for (const program of programs) {
    const file = findProgram(program, path);
    if (file !== undefined) return { file, args: [...options, script] };
  }
  const hint = shell === 'sh' ? '' : '; install it in the image, or choose another shell for the step';
  throw new Error(`this node has no ${programs.join(' and no ')} in its PATH (${path})${hint}`);
}

/** As execvp(3) looks for it, except that a relative folder in PATH never counts: it would be one of the workspace. */
function findProgram(name: string, path: string): string | undefined {
  return path
    .split(delimiter)
    .filter((folder) => folder.startsWith('/'))
    .map((folder) => join(folder, name))
    .find(isProgram);
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
