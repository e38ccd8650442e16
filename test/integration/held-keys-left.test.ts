import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { holdAgent } from '#test/held-agent-fixture';

const OTHERS = 'ssh-ed25519 AAAA somebody@desk\n';

/** Its host may live on, as those of a lab do: nothing of the hold may. */
test('an agent that comes back after the end of its hold takes the keys away before it goes', async () => {
  await using node = await holdAgent();
  const home = join(node.folder, 'home');
  const file = join(home, '.ssh/authorized_keys');
  await mkdir(join(home, '.ssh'), { recursive: true });
  await writeFile(file, `expiry-time="29991231235959" ssh-ed25519 AAAA footman-hold-hold-1\n${OTHERS}`);
  const { username: name, uid, gid } = userInfo();
  const places = { hold: 'hold-1', accounts: [{ name, uid, gid, home }] };
  await writeFile(join(node.folder, 'root/held/keys.json'), JSON.stringify(places));
  node.peer.greeting = 'refused';
  node.peer.cut();
  expect(await node.agent.exited).toBe(3);
  expect(await readFile(file, 'utf8')).toBe(OTHERS);
});
