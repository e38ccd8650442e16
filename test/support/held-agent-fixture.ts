import { agentChannels } from '#test/agent-channel';
import { connectAgent } from '#test/agent-fixture';

export const PTY = { term: 'xterm', columns: 80, rows: 24 };

/** A real agent whose node is held, and channels to it. */
export async function holdAgent({ banner = '', graceMs = 60_000 } = {}) {
  const node = await connectAgent();
  const { open } = agentChannels(node.peer);
  node.peer.send({ type: 'hold.begin', hold: 'hold-1', graceMs, banner, step: null, hasDenied: false });
  await node.peer.until(() => node.peer.messages.some(({ type }) => type === 'hold.begun'));
  return {
    ...node,
    open,
    shell: (env: Record<string, string> = {}) => open({ kind: 'shell', pty: PTY, env }),
    exec: (command: string, pty: typeof PTY | null = null) => open({ kind: 'exec', command, pty, env: {} }),
  };
}
