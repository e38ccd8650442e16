import { execFile } from 'node:child_process';
import {
  accessSync,
  constants,
  existsSync,
  lstatSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { messageOf } from '#shared/errors';
import type { Exports } from '../steps/index.ts';
import type { Folders } from '../system/index.ts';
import { packExports } from './pack-exports.ts';

/** What captures keep, unlike the agent's own folders. */
const KEPT = '/var/lib/footman-held';
/** In the home of an account that may not write there. */
const KEPT_AT_HOME = '.footman-held';

/**
 * Puts the workspace where a capture finds it: `workspace` in /var/lib/footman-held, or else in ~/.footman-held. The hold may go on afterwards: where
 * the workspace was moved, a link leads to it. Of the rest of the world only exports without a secret in them go there.
 *
 * @returns a sentence about why it is not there
 */
export async function packWorkspace(
  { workspace, exports }: Pick<Folders, 'workspace'> & { exports: Exports },
  signal: AbortSignal,
  places: readonly string[] = [KEPT, join(homedir(), KEPT_AT_HOME)],
): Promise<string | undefined> {
  try {
    const place = makeFirst(places);
    const kept = join(place, 'workspace');
    if (lstatSync(workspace).isSymbolicLink() && existsSync(kept)) return undefined;
    rmSync(kept, { recursive: true, force: true });
    if (!isMoved(workspace, kept)) await copy(workspace, kept, signal);
    packExports(place, exports);
    return undefined;
  } catch (error) {
    return `the workspace could not be kept: ${messageOf(error)}`;
  }
}

function makeFirst(places: readonly string[]): string {
  const [place, ...others] = places;
  if (place === undefined) throw new Error('the node has no place for it');
  try {
    if (!existsSync(place)) mkdirSync(place);
    accessSync(place, constants.W_OK);
    return place;
  } catch (error) {
    if (others.length === 0) throw error;
    return makeFirst(others);
  }
}

/** False where it is a file system of its own, or on another one. */
function isMoved(workspace: string, kept: string): boolean {
  try {
    renameSync(workspace, kept);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (['EXDEV', 'EBUSY'].includes(code)) return false;
    throw error;
  }
  symlinkSync(kept, workspace);
  return true;
}

/** With owners, modes and times. What a full disk has left of it goes: others need the room. */
async function copy(from: string, to: string, signal: AbortSignal): Promise<void> {
  try {
    await promisify(execFile)('cp', ['-a', '--', from, to], { signal });
  } catch (error) {
    rmSync(to, { recursive: true, force: true });
    throw error;
  }
}
