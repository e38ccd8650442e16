import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startEmbeddedController, type EmbeddedController } from '#test/embedded-controller';
import { createClient, type Client } from '../../cli/client/index.ts';

let controller: EmbeddedController;
let client: Client;

beforeAll(async () => {
  controller = await startEmbeddedController(
    'clouds: { local: { kind: process, templates: { host: { labels: linux } } } }',
  );
  client = createClient({ url: controller.url, token: await controller.token() });
});
afterAll(async () => {
  client.close();
  await controller.dispose();
});

test('a terminal on a held node is a real one, where the job failed, until the node is given back', async () => {
  const { api } = controller;
  const build = await api.submit(`jobs:
  test:
    runs-on: linux
    steps: [{ run: 'echo left here > trace; exit 7', env: { PLACE: workshop } }]
    post: { failure: [{ hold: { for: 1h } }] }
`);
  const { data } = await api.event(
    ({ kind, data: { expiresAt } }) => kind === 'hold' && Number(expiresAt) > 0,
  );
  const { id } = data;
  expect(await api.build(build.id)).toMatchObject({
    jobs: [{ result: 'failure', hold: { id, state: 'held' } }],
  });

  const command = 'stty size; cat trace; echo "$PLACE"; exit 5';
  const terminal = await client.holds.terminal(id, { columns: 91, rows: 17, command });
  expect((await text(terminal.stream)).replaceAll('\r', '')).toBe('17 91\nleft here\nworkshop\n');
  expect(await terminal.ended).toEqual({ exit: 5, signal: null });

  const shell = await client.holds.terminal(id, { columns: 80, rows: 24 });
  // Its prompt.
  await once(shell.stream, 'data');
  expect(await client.holds.release(id)).toMatchObject({ state: 'released' });
  await expect(shell.ended).rejects.toThrow('released by administrator');
  await api.drained();
});
