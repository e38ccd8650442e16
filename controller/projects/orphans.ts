import { readdirSync, readFileSync } from 'node:fs';

/** The variable by which a controller's next life knows what git runs for this one; its value is the folder of the mirrors. */
export const OWNER_VARIABLE = 'FOOTMAN_PROJECTS';

/**
 * Ends the git processes that a controller which was killed has left: they may wait for a slow server for ever, with its credentials in
 * their environment, and then write into a mirror that somebody else writes.
 */
export function endOrphans(folder: string): void {
  const mark = `\0${OWNER_VARIABLE}=${folder}\0`;
  for (const pid of readdirSync('/proc').map(Number).filter(Number.isInteger)) {
    // Synchronously, so that no other process has the number when the signal comes.
    if (`\0${environmentOf(pid)}`.includes(mark)) end(pid);
  }
}

/** Empty for one that has ended, or is another user's, whom we can't signal either. */
function environmentOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8');
  } catch {
    return '';
  }
}

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}
