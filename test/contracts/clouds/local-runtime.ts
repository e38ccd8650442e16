import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RuntimeFolder } from '#controller/launchers';
import { createRuntime } from '#controller/launchers';

const AGENT_SOURCE = fileURLToPath(new URL('../../../agent/main.ts', import.meta.url));
const AGENT_FILE = fileURLToPath(new URL('../../../dist/agent.mjs', import.meta.url));
const STAND_IN = fileURLToPath(new URL('stand-in-agent.ts', import.meta.url));

/** The runtime with the built agent; where it was not built, a stand-in that does what the contract asks for. */
export function localRuntime(signal: AbortSignal): Promise<RuntimeFolder> {
  if (!existsSync(AGENT_SOURCE) || !existsSync(AGENT_FILE)) return Promise.resolve(standIn());
  return createRuntime({ folder: join(tmpdir(), 'footman-test-runtime'), agentFile: AGENT_FILE }).folder(
    signal,
  );
}

function standIn(): RuntimeFolder {
  return { path: '/', digest: 'stand-in', command: () => [process.execPath, STAND_IN] };
}
