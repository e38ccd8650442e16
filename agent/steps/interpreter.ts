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
const INTERPRETERS: Readonly<Record<'sh' | 'bash' | 'python', Interpreter>> = {
  sh: { programs: ['sh'], options: ['-e'] },
  bash: { programs: ['bash'], options: ['--noprofile', '--norc', '-eo', 'pipefail'] },
  python: { programs: ['python3', 'python'], options: ['-u'] },
};

/** What a command line of the step's own says for the file of the script. */
const SCRIPT_PLACE = '{0}';

/**
 * How to run the script on this node.
 *
 * @throws Error that tells what the image lacks
 */
export function commandFor(shell: StepStart['shell'], script: string, path: string): Command {
  if (typeof shell !== 'string') return ownCommand(shell, script, path);
  const { programs, options } = INTERPRETERS[shell];
  for (const program of programs) {
    const file = findProgram(program, path);
    if (file !== undefined) return { file, args: [...options, script] };
  }
  const hint = shell === 'sh' ? '' : '; install it in the image, or choose another shell for the step';
  throw new Error(`this node has no ${programs.join(' and no ')} in its PATH (${path})${hint}`);
}

/** Where the words have no place for the script's file, it comes last. */
function ownCommand(words: readonly string[], script: string, path: string): Command {
  const [program = '', ...rest] = words;
  const args = rest.map((word) => word.replaceAll(SCRIPT_PLACE, script));
  if (!rest.some((word) => word.includes(SCRIPT_PLACE))) args.push(script);
  const file = program.includes('/') ? program : findProgram(program, path);
  if (file !== undefined) return { file, args };
  throw new Error(
    `this node has no ${program} in its PATH (${path}); install it in the image, or choose another shell for the step`,
  );
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
