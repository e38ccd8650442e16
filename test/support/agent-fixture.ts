import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAgentPeer, type AgentPeer } from '#test/agent-peer';
import { startAgent, type AgentProcess } from '#test/agent-process';

/** A real agent and its peer, connected, in a folder of their own. */
export interface AgentFixture extends AsyncDisposable {
  readonly peer: AgentPeer;
  readonly agent: AgentProcess;
  readonly folder: string;
  /** The agent's workspace. */
  readonly workspace: string;
}

interface Options {
  env?: NodeJS.ProcessEnv;
  /** Called before the agent starts. */
  prepare?(peer: AgentPeer): void;
}

export async function connectAgent({ env, prepare }: Options = {}): Promise<AgentFixture> {
  const folder = await mkdtemp(join(tmpdir(), 'footman-agent-'));
  const peer = await createAgentPeer(folder);
  prepare?.(peer);
  const root = join(folder, 'root');
  const bootstrap = { node: 'node-1', endpoint: peer.endpoint, token: 'bootstrap', root };
  const agent = startAgent({ bootstrap, ...(env && { env }) });
  await peer.until(() => peer.hellos.length > 0);
  return {
    peer,
    agent,
    folder,
    workspace: join(root, 'workspace'),
    async [Symbol.asyncDispose]() {
      agent.kill('SIGTERM');
      await agent.exited;
      await peer.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
