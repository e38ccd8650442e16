import type { Environment } from '../steps/index.ts';

/** Variables that are a shell's own: some of them may not be set, which would end it. */
const OF_SHELLS = new Set('_ PWD OLDPWD SHLVL PPID UID EUID IFS BASHOPTS SHELLOPTS BASH_VERSINFO'.split(' '));

/** Sets the variables, for /bin/sh. Those whose names a shell can't say are left out. */
export function exportsScript(environment: Environment): string {
  return Object.entries(environment)
    .filter(([name]) => /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && !OF_SHELLS.has(name))
    .map(([name, value]) => `export ${name}=${quote(value)}\n`)
    .join('');
}

interface Rerun {
  hold: string;
  /** The file that `exportsScript` made. */
  variables: string;
  folder: string;
  command: { file: string; args: readonly string[] };
}

/** Repeats the step. A shell of the hold has its environment, which may have been changed on purpose; any other login reads it. */
export function rerunScript({ hold, variables, folder, command: { file, args } }: Rerun): string {
  return [
    '#!/bin/sh',
    `if [ "\${FOOTMAN_HOLD-}" != ${quote(hold)} ]; then . ${quote(variables)}; fi`,
    `cd ${quote(folder)} || exit`,
    `exec ${[file, ...args].map(quote).join(' ')} "$@"`,
    '',
  ].join('\n');
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
