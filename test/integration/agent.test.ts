import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createAgentPeer, type AgentPeer } from '#test/agent-peer';
import { startAgent, type AgentProcess } from '#test/agent-process';

let folder: string;
let peer: AgentPeer;
let agent: AgentProcess;

beforeAll(() => {
  execFileSync(process.execPath, ['scripts/build-agent.ts'], { stdio: 'ignore' });
});

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'footman-agent-'));
  peer = await createAgentPeer(folder);
  agent = startAgent({
    bootstrap: { node: 'n', endpoint: peer.endpoint, token: 'bootstrap', root: join(folder, 'root') },
  });
  await peer.until(() => peer.hellos.length > 0);
});

afterEach(async () => {
  agent.kill('SIGKILL');
  await agent.exited;
  await peer.close();
  await rm(folder, { recursive: true, force: true });
});

test('a step', async () => {
  const { finished, log } = await peer.run({
    script: 'echo out; echo err >&2; echo "a=1" >> $FOOTMAN_OUTPUT; exit 3',
  });
  expect(log.toString()).toBe('out\nerr\n');
  expect(finished).toMatchObject({
    end: { reason: 'exited', exit: 3, signal: null },
    outputs: { a: '1' },
    logBytes: 8,
  });
});
test('million', async () => {
  const t = performance.now();
  const { finished, log } = await peer.run({
    script:
      'yes 0123456789012345678901234567890123456789012345678901234567890123456789012345678 | head -n 1000000',
  });
  console.log('took', performance.now() - t, peer.frames.length);
  expect(log.length).toBe(80_000_000);
});
