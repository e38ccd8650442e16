import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { EventView } from '#test/api-client';
import { startHeldController, type HeldController } from '#test/held-controller';

/** kill -9 on the way through a hold's life: a node is held just as long as its hold holds, and what people have of it stays (I2, I6, L7, L8). */

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl test';

let fixture: HeldController;

beforeEach(async () => {
  fixture = await startHeldController();
});

afterEach(async () => {
  try {
    expect(await fixture.left()).toEqual([]);
  } finally {
    await fixture[Symbol.asyncDispose]();
  }
});

describe('as a job ends into a hold', () => {
  test.each<{ when: string; isIt: (event: EventView) => boolean }>([
    { when: 'its last step ends', isIt: ({ kind, data }) => kind === 'step' && data.state === 'finished' },
    { when: 'its node is held', isIt: ({ kind, data }) => kind === 'node' && data.state === 'held' },
    { when: 'its hold was admitted', isIt: ({ data }) => typeof data['expiresAt'] === 'number' },
  ])('when $when: its result stands, and its node is held', async ({ isIt }) => {
    const build = await fixture.fail();
    await fixture.controller.api.event(isIt);
    await fixture.restart();
    const { id } = await fixture.heldOf(build);
    expect(await fixture.controller.api.build(build)).toMatchObject({
      result: 'failure',
      jobs: [{ result: 'failure', attempt: 1 }],
    });
    expect(await fixture.show(id)).toMatchObject({ state: 'held', reason: 'it fails', admitted: true });
    await fixture.isBack(id);
    expect(await fixture.run(id, 'cat trace')).toBe('left here\n');
  });
});

test('in a session: it has ended, whoever comes back finds the node, the keys and the host key as they were', async () => {
  const { id } = await fixture.heldOf(await fixture.fail());
  await fixture.client.holds.addKey(id, { key: KEY });
  const [before, hostKey] = [await fixture.show(id), await fixture.hostKey()];
  const shell = await fixture.client.holds.terminal(id, { columns: 80, rows: 24 });
  await once(shell.stream, 'data');
  await fixture.controller.kill();
  shell.stream.resume();
  await expect(shell.ended).rejects.toMatchObject({ code: 'controller-unreachable' });
  await fixture.controller.start();
  const { sessions } = await fixture.client.holds.sessions(id);
  expect(sessions).toMatchObject([{ kind: 'shell', endedAt: expect.any(Number) }]);
  await fixture.isBack(id);
  expect(await fixture.run(id, 'cat trace')).toBe('left here\n');
  const { keys, expiresAt, latestAt } = await fixture.show(id);
  expect([keys.map(({ fingerprint }) => fingerprint), expiresAt, latestAt]).toEqual([
    before.keys.map(({ fingerprint }) => fingerprint),
    before.expiresAt,
    before.latestAt,
  ]);
  expect(await fixture.hostKey()).toBe(hostKey);
});

test('before its end, which comes while nobody looks: it expires at the next start', async () => {
  const build = await fixture.fail();
  const { id } = await fixture.heldOf(build);
  await fixture.controller.kill();
  await fixture.endsAt(id, Date.now() - 1);
  await fixture.controller.start();
  await fixture.holdEvent(build, ({ state }) => state === 'expired');
  expect(await fixture.show(id)).toMatchObject({ state: 'expired' });
});

test('after an extension: it is not lost', async () => {
  const { id, expiresAt } = await fixture.heldOf(await fixture.fail());
  const { expiresAt: extended } = await fixture.client.holds.extend(id, '5h');
  await fixture.restart();
  expect(extended).toBeGreaterThan(expiresAt ?? 0);
  expect(await fixture.show(id)).toMatchObject({ state: 'held', expiresAt: extended });
});

test.each(['before', 'after'] as const)('in a release, %s its node is removed', async (edge) => {
  const { id } = await fixture.heldOf(await fixture.fail());
  await fixture.world.script({ on: 'remove', at: edge, do: 'pause', times: 1 });
  await fixture.client.holds.release(id);
  await fixture.world.paused({ call: 'remove', edge });
  await fixture.restart();
  expect(await fixture.show(id)).toMatchObject({
    state: 'released',
    outcome: 'was released by administrator',
  });
});

describe('in a snapshot', () => {
  test.each(['before', 'after'] as const)(
    '%s its machine is captured: there is one image, and the hold ends',
    async (edge) => {
      await fixture.world.script({ on: 'capture', at: edge, do: 'pause', times: 1 });
      const build = await fixture.fail();
      const { id } = await fixture.heldOf(build);
      await fixture.client.holds.snapshot(id);
      await fixture.world.paused({ call: 'capture', edge });
      await fixture.restart();
      await expectCaptured(build, id);
    },
  );

  test('before its workspace is packed', async () => {
    const build = await fixture.fail();
    const { id } = await fixture.heldOf(build);
    await fixture.client.holds.snapshot(id);
    await fixture.restart();
    await expectCaptured(build, id);
  });

  test('as the hold ends by it', async () => {
    const { build, id } = await captured();
    await fixture.restart();
    await expectCaptured(build, id);
  });
});

describe('in a resumption', () => {
  test.each<{ when: string; isIt: (event: EventView) => boolean }>([
    { when: 'its build was submitted', isIt: ({ kind }) => kind === 'build' },
    { when: 'its node is launched', isIt: ({ kind, data }) => kind === 'node' && data.state === 'launching' },
    { when: 'its node has the job', isIt: ({ kind, data }) => kind === 'node' && data.state === 'leased' },
    { when: 'its job has ended', isIt: ({ kind, data }) => kind === 'job' && data.state === 'finished' },
  ])('when $when: the machine is held once', async ({ isIt }) => {
    const { id } = await captured();
    const { seq } = await fixture.holdEnd(id);
    const { id: build } = await fixture.client.holds.resume(id, { for: '2h', keys: [] });
    await fixture.controller.api.event((event) => event.seq > seq && isIt(event));
    await fixture.restart();
    const resumed = await fixture.heldOf(build);
    expect(resumed).toMatchObject({ state: 'held', resumes: id, origin: 'resume' });
    const { holds } = await fixture.client.holds.list({ state: 'live' });
    expect(holds.map((hold) => hold.id)).toEqual([resumed.id]);
    await fixture.isBack(resumed.id);
    expect(await fixture.run(resumed.id, 'cat trace')).toBe('left here\n');
  });
});

test('before a notice is taken: it is sent again, as the same one', async () => {
  await fixture[Symbol.asyncDispose]();
  const deliveries: { id: string; event: string }[] = [];
  let answers = false;
  const taken = Promise.withResolvers<void>();
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      deliveries.push(JSON.parse(body) as { id: string; event: string });
      if (!answers) return;
      response.writeHead(204).end();
      taken.resolve();
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const { port } = server.address() as AddressInfo;
    fixture = await startHeldController(`holds: { webhook: { url: 'http://127.0.0.1:${port}' } }`);
    const asked = once(server, 'request');
    await fixture.heldOf(await fixture.fail());
    await asked;
    await fixture.controller.kill();
    answers = true;
    await fixture.controller.start();
    await taken.promise;
    expect(deliveries.map(({ event }) => event)).toEqual(['held', 'held']);
    expect(deliveries[0]?.id).toBe(deliveries[1]?.id);
  } finally {
    server.closeAllConnections();
    server.close();
  }
});

/** A hold whose machine was captured. */
async function captured(): Promise<{ build: string; id: string }> {
  const build = await fixture.fail();
  const { id } = await fixture.heldOf(build);
  await fixture.client.holds.snapshot(id);
  await fixture.holdEvent(build, ({ state }) => state === 'released');
  return { build, id };
}

async function expectCaptured(build: string, id: string): Promise<void> {
  await fixture.holdEvent(build, ({ state }) => state === 'released');
  const hold = await fixture.show(id);
  expect(hold).toMatchObject({
    state: 'released',
    outcome: `was released: captured as ${hold.snapshot?.version}`,
    snapshot: { state: 'ready' },
  });
  expect((await fixture.world.captures()).map(({ name }) => name)).toEqual([hold.snapshot?.version]);
}
