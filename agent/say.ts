import { writeSync } from 'node:fs';

const STDOUT = 1;

/** One plain line on the node's console, for people who look there. Never a secret, a script or a step's output. */
export function say(line: string): void {
  try {
    writeSync(STDOUT, `footman agent: ${line}\n`);
  } catch {
    // Nobody looks any more, as after the end of a controller that held the other end: that is no reason to stop working.
  }
}
