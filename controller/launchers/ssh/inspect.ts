import { z } from 'zod';
import { FootmanError } from '#shared/errors';
import { parseAnswer } from './answer.ts';
import type { Connection } from './connection.ts';
import type { Machine } from './contract.ts';
import { titleOf } from './place.ts';
import { INSPECT } from './scripts/index.ts';
import { outputOf } from './shell.ts';

const Inspection = z.object({
  system: z.string(),
  architecture: z.string(),
  /** The node's folder: of another controller, of an agent that runs, or of what an earlier try left. */
  node: z.enum(['none', 'foreign', 'running', 'left']),
  /** Where the runtime is, if it is. */
  runtime: z.string().startsWith('/').optional(),
});
export type Inspection = z.infer<typeof Inspection>;

export interface Question {
  controllerId: string;
  /** Nothing where no node is meant. */
  nodeId?: string;
  /** Of the runtime; nothing where none is meant. */
  digest?: string;
}

/** How uname names the architecture that the controller's runtime is for. */
const ARCHITECTURES: Partial<Record<NodeJS.Architecture, string[]>> = {
  x64: ['x86_64', 'amd64'],
  arm64: ['aarch64', 'arm64'],
};

export async function inspect(
  connection: Connection,
  machine: Machine,
  { controllerId, nodeId = '', digest = '-' }: Question,
  signal: AbortSignal,
): Promise<Inspection> {
  const title = titleOf(machine);
  const script = { text: INSPECT, args: [controllerId, nodeId, digest] };
  const output = await outputOf(connection, script, `${title} could not be looked at`, signal);
  return parseAnswer(output, Inspection, title);
}

/** @throws FootmanError `cloud-refused` where the controller's runtime can't run */
export function checkSystem({ system, architecture }: Inspection, machine: Machine): void {
  if (system !== 'Linux') {
    throw new FootmanError(
      'cloud-refused',
      `${titleOf(machine)} runs ${system.slice(0, 40)}; agents need Linux`,
    );
  }
  if (ARCHITECTURES[process.arch]?.includes(architecture) === true) return;
  const sentence = `${titleOf(machine)} is ${architecture.slice(0, 40)}, and the agent's runtime is for ${process.arch}`;
  throw new FootmanError('cloud-refused', sentence, {
    hint: "use machines of the controller's own architecture",
  });
}
