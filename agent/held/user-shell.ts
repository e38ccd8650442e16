import { accessSync, constants, statSync } from 'node:fs';
import { userInfo } from 'node:os';
import { basename } from 'node:path';

/** Programs that stand in the user database for accounts that nobody logs in to; whoever holds the node may. */
const NO_SHELLS = new Set(['nologin', 'false', 'true', 'sync', 'halt', 'shutdown']);

/** The shell of the agent's account, or the best that the node has. */
export function findUserShell(): string {
  const shells = [shellOfUser(), '/bin/bash', '/usr/bin/bash'];
  return shells.find((shell) => shell !== undefined && isShell(shell)) ?? '/bin/sh';
}

/** Undefined for a user who is not in the database, as in a container with a number for a user. */
function shellOfUser(): string | undefined {
  try {
    return userInfo().shell ?? undefined;
  } catch {
    return undefined;
  }
}

function isShell(file: string): boolean {
  if (!file.startsWith('/') || NO_SHELLS.has(basename(file))) return false;
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
