import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { holdAgent } from '#test/held-agent-fixture';

type Node = Awaited<ReturnType<typeof holdAgent>>;

const OTHERS = 'ssh-ed25519 AAAA somebody@desk\n';

/** Its host may live on, as those of a lab do: nothing of the hold may. */
test.each([
  ['comes back after the end of its hold', 3, refuse],
  ['is ended by its cloud', 143, ({ agent }: Node) => agent.kill('SIGTERM')],
] as const)('an agent that %s takes the keys away before it goes', async (_how, code, finish) => {
  await using node = await holdAgent();
  const home = join(node.folder, 'home');
  const file = join(home, '.ssh/authorized_keys');
  await mkdir(join(home, '.ssh'), { recursive: true });
  await writeFile(file, `expiry-time="29991231235959" ssh-ed25519 AAAA footman-hold-hold-1\n${OTHERS}`);
  const { username: name, uid, gid } = userInfo();
  const places = { hold: 'hold-1', accounts: [{ name, uid, gid, home }] };
  await writeFile(join(node.folder, 'root/held/keys.json'), JSON.stringify(places));
  finish(node);
  expect(await node.agent.exited).toBe(code);
  expect(await readFile(file, 'utf8')).toBe(OTHERS);
});

function refuse({ peer }: Node): void {
  peer.greeting = 'refused';
  peer.cut();
}
