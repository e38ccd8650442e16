import { FootmanError } from '#shared/errors';
import type { Connection, Ended } from './connection.ts';

/** One word for any shell. */
export function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

/** Where a login's things are on a machine, as every script of ours begins. */
const PRELUDE = `
home=$1 uid=$2
shift 2
LC_ALL=C
export LC_ALL
umask 022
if [ "$uid" = 0 ]; then base=/opt/footman; else base=$home/.footman; fi
say() { echo "$*" >&2; }
`;

/** The same for both; the second becomes root where sudo lets it. What the script gets is not what the login's shell makes of it. */
const AS_LOGIN = `sh -c 'exec sh -s "$HOME" "$(id -u)" "$@"' sh`;
const AS_ROOT = `sh -c 'sudo -n true </dev/null >/dev/null 2>&1 && exec sudo -n sh -s "$HOME" "$(id -u)" "$@"; exec sh -s "$HOME" "$(id -u)" "$@"' sh`;

export interface Script {
  text: string;
  /** Its arguments from `$1` on. Anybody on the machine can read them. */
  args?: readonly string[];
  /** As root, if the login is root or has sudo; else as the login all the same. */
  asRoot?: boolean;
}

/** Runs one of our scripts; it knows `home`, `uid` and `base`, and runs only if it came whole. */
export function runScript(connection: Connection, script: Script, signal: AbortSignal): Promise<Ended> {
  const command = [script.asRoot === true ? AS_ROOT : AS_LOGIN, ...(script.args ?? []).map(quote)].join(' ');
  return connection.exec(command, whole(PRELUDE + script.text), signal);
}

/** The script's output; @throws FootmanError `cloud-unavailable` unless it ends well */
export async function outputOf(
  connection: Connection,
  script: Script,
  what: string,
  signal: AbortSignal,
): Promise<string> {
  const ended = await runScript(connection, script, signal);
  if (ended.code !== 0) throw new FootmanError('cloud-unavailable', `${what}: ${explain(ended)}`);
  return ended.output;
}

/** The command that writes its input into a file. */
export function receiveInto(path: string): string {
  return `sh -c 'cat >"$1"' sh ${quote(path)}`;
}

/** Read to its end before it starts, so that a lost connection starts no half of it, and nothing in it reads its rest as input. */
export function whole(script: string): string {
  return `{ :\n${script}\n} </dev/null; exit\n`;
}

const MOST_SAID = 2000;

/** How it ended, and what it said at the end. */
export function explain({ code, output, errors }: Ended): string {
  const end = code === null ? 'it was ended' : `exit code ${code}`;
  const said = (errors.trim() || output.trim()).slice(-MOST_SAID);
  return said === '' ? end : `${end}: ${said}`;
}
