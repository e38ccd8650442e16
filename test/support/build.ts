import { ensureAgentFile } from '../../cli/connection/index.ts';

/** Before the suites that start agents: they start the agent as it is now. */
export async function setup(): Promise<void> {
  await ensureAgentFile();
}
