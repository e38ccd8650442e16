import { writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { readJson } from '#controller/files';
import { isRunning } from '#controller/processes';
import type { NodeFolder } from './node-folder.ts';

const AgentRecord = z.object({ pid: z.int(), startTicks: z.int(), bootId: z.string() });
type AgentRecord = z.infer<typeof AgentRecord>;

/** Notes the agent that has its bootstrap: with this the node is launched. */
export async function recordAgent(folder: NodeFolder, agent: AgentRecord): Promise<void> {
  await writeFile(folder.agent, JSON.stringify(agent));
}

/** Whether the noted agent runs. A number that another process has now, or had before the last boot, is not taken for it. */
export async function isAgentRunning(folder: NodeFolder, bootId: string): Promise<boolean> {
  const record = AgentRecord.safeParse(await readJson(folder.agent));
  return record.success && record.data.bootId === bootId && isRunning(record.data);
}
