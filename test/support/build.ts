import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { ensureAgentFile } from '../../cli/connection/index.ts';
import { FOOTMAN } from './footman.ts';

/** Before the suites that start agents and controllers: they start them as they are now. */
export async function setup(): Promise<void> {
  await ensureAgentFile();
  // In a checkout it is bundled anew where its sources are newer.
  await promisify(execFile)(FOOTMAN, ['--version']);
}
