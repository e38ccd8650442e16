import { createHmac, randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createSystemClock } from '#controller/clock';
import { createLogger } from '#controller/logger';
import { createProjects } from '#controller/projects';
import { createKeyring, createSecrets } from '#controller/secrets';
import { createReceiver } from '#controller/triggers';
import { messageOf } from '#shared/errors';
import { SECRET, sign, startTriggers, type Recording, type TriggersFixture } from '#test/triggers-fixture';

const ZERO = '0'.repeat(40);

let fixture: TriggersFixture;
let push: Recording;

beforeEach(async () => {
  fixture = await startTriggers();
  const head = await fixture.widget.commit({ branch: 'main', files: { a: '1' } });
  await fixture.addProject({ provider: 'github' });
  push = await fixture.record('github/push', { before: ZERO, head });
});

afterEach(() => fixture.dispose());

describe('who may send', () => {
  test('needs no token, and is answered before anything is looked at', async () => {
    const response = await fixture.send(push);
    expect(response.status).toBe(202);
    expect(await response.json()).toMatchObject({ state: 'accepted' });
    expect(await fixture.deliveries()).toContainEqual(
      expect.objectContaining({ event: 'push', state: 'received' }),
    );
  });

  test('a wrong signature, no signature, a project without a secret and no project at all get one and the same answer', async () => {
    await fixture.server.post('/projects', { name: 'open', repository: fixture.widget.path });
    const missing = { name: 'lost', repository: fixture.widget.path, webhookSecret: 'NOT_THERE' };
    await fixture.server.post('/projects', missing);
    const { 'x-hub-signature-256': _signature, ...unsigned } = push.headers;
    const empty = sign('github', push, '');
    const answers = [
      await fixture.send(sign('github', push, 'another secret')),
      await fixture.send({ ...push, headers: unsigned }),
      await fixture.send({ ...push, headers: { ...unsigned, 'x-hub-signature-256': 'sha256=' } }),
      await fixture.send({ ...push, headers: { ...unsigned, 'x-hub-signature': 'sha1=0000' } }),
      await fixture.send({ ...push, body: `${push.body} ` }),
      await fixture.send(empty, 'open'),
      await fixture.send(empty, 'lost'),
      await fixture.send(push, 'nobody'),
      await fixture.send(push, 'no%20such%20name'),
    ];
    const texts = new Set(await Promise.all(answers.map((answer) => answer.text())));
    expect([...new Set(answers.map(({ status }) => status))]).toEqual([401]);
    expect(texts.size).toBe(1);
    expect((await fixture.deliveries()).filter(({ event }) => event === 'push')).toEqual([]);
  });

  test('a secret that can not be read is no other answer, and the log says so', async () => {
    const expected = await (await fixture.send(push, 'nobody')).text();
    const before = await fixture.server.secrets.list();
    expect(before).toHaveLength(1);
    await rm(join(fixture.server.folder, 'secrets.key'));
    const { restarted, logged } = await restartedReceiver();
    const good = restarted.receive({
      project: 'widget',
      headers: push.headers,
      body: Buffer.from(push.body),
    });
    await expect(good).rejects.toMatchObject({ code: 'unauthenticated' });
    const message = messageOf(await good.catch((error: unknown) => error));
    expect(expected).toContain(message);
    expect(logged).toMatchObject([{ project: 'widget', msg: expect.stringContaining('secret') }]);
  });

  test('refusals are counted by address; what is signed well still gets in', async () => {
    const bad = sign('github', push, 'another secret');
    const statuses = new Set<number>();
    for (let i = 0; i < 40; i++) statuses.add((await fixture.send(bad)).status);
    expect(statuses).toEqual(new Set([401, 429]));
    expect((await fixture.send(push)).status).toBe(202);
  });

  test('a body beyond 25 MiB is refused', async () => {
    const response = await fixture.send({ ...push, body: 'x'.repeat(25 * 1024 * 1024 + 1) });
    expect(response.status).toBe(413);
  });
});

describe('a delivery that has been here', () => {
  test('is not taken again: by its id, by its body, or both at the same time', async () => {
    const answers = await Promise.all([fixture.send(push), fixture.send(push), fixture.send(push)]);
    expect(answers.map(({ status }) => status).sort((a, b) => a - b)).toEqual([200, 200, 202]);
    const replayed = { ...push, headers: { ...push.headers, 'x-github-delivery': 'another-id' } };
    expect((await fixture.send(replayed)).status).toBe(200);
    const sameId = sign('github', { ...push, body: `${push.body}\n` });
    expect((await fixture.send(sameId)).status).toBe(200);
    expect((await fixture.deliveries()).filter(({ event }) => event === 'push')).toHaveLength(1);
  });

  test('is taken again once it has failed', async () => {
    const broken = { '.footman.yaml': 'jobs: 7\n' };
    const head = await fixture.widget.commit({ branch: 'main', files: broken });
    const recording = await fixture.record('github/push', { before: ZERO, head });
    expect(await fixture.deliver(recording)).toMatchObject({ state: 'failed' });
    expect((await fixture.send(recording)).status).toBe(202);
    expect((await fixture.send(recording)).status).toBe(200);
  });
});

/** One that knows the keys of secrets no more. */
async function restartedReceiver() {
  const { store, journal, folder } = fixture.server;
  const clock = createSystemClock();
  const secrets = createSecrets({ store, clock, keyring: createKeyring(join(folder, 'secrets.key')) });
  const projects = await createProjects({
    folder: join(folder, 'other'),
    blobs: fixture.server.blobs,
    secretOf: secrets.valueOf,
  });
  const logged: unknown[] = [];
  const logger = createLogger('info', { write: (line) => void logged.push(JSON.parse(line)) });
  return { restarted: createReceiver({ store, journal, clock, projects, logger }), logged };
}

describe("GitLab's signing token", () => {
  const key = randomBytes(32);
  let body: string;

  beforeEach(async () => {
    const value = `whsec_${key.toString('base64')}`;
    await fixture.server.secrets.set({ scope: 'project:lab', name: 'WEBHOOK', value, debug: 'deny' });
    await fixture.addProject({ name: 'lab', provider: 'gitlab' });
    ({ body } = await fixture.record('gitlab/push', { before: ZERO, head: ZERO }));
  });

  test('signs id, time and body', async () => {
    expect((await fixture.send(standard('msg_1', seconds()), 'lab')).status).toBe(202);
    expect((await fixture.send(standard('msg_1', seconds()), 'lab')).status).toBe(200);
  });

  test('lets several signatures stand side by side while it is changed', async () => {
    const { headers } = standard('msg_2', seconds());
    const several = { ...headers, 'webhook-signature': `v1,AAAA ${headers['webhook-signature']}` };
    expect((await fixture.send({ headers: several, body }, 'lab')).status).toBe(202);
  });

  test('without a key in it opens to nobody', async () => {
    for (const value of ['whsec_', 'whsec_!!!!']) {
      await fixture.server.secrets.set({ scope: 'project:lab', name: 'WEBHOOK', value, debug: 'deny' });
      const { headers } = standard('msg_4', seconds());
      const [id, time] = [headers['webhook-id'], headers['webhook-timestamp']];
      const signature = createHmac('sha256', '').update(`${id}.${time}.${body}`).digest('base64');
      const forged = { ...headers, 'webhook-signature': `v1,${signature}` };
      expect((await fixture.send({ headers: forged, body }, 'lab')).status).toBe(401);
    }
  });

  test.each([
    ['an old one', () => standard('msg_3', seconds() - 3600)],
    ['one from the future', () => standard('msg_3', seconds() + 3600)],
    ['one whose time was changed', () => ({ ...standard('msg_3', seconds() - 3600), time: true })],
    ['one with the token beside a wrong signature', () => wrongSignature()],
  ])('%s is refused', async (_name, make) => {
    const { headers, ...rest } = make();
    const changed = 'time' in rest ? { ...headers, 'webhook-timestamp': String(seconds()) } : headers;
    expect((await fixture.send({ headers: changed, body }, 'lab')).status).toBe(401);
  });

  function wrongSignature(): Recording {
    const { headers } = standard('msg_4', seconds());
    const token = `whsec_${key.toString('base64')}`;
    return { headers: { ...headers, 'webhook-signature': 'v1,AAAA', 'x-gitlab-token': token }, body };
  }

  function standard(id: string, timestamp: number): Recording & { headers: Record<string, string> } {
    const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
    const headers = {
      'content-type': 'application/json',
      'x-gitlab-event': 'Push Hook',
      'webhook-id': id,
      'webhook-timestamp': String(timestamp),
      'webhook-signature': `v1,${signature}`,
    };
    return { headers, body };
  }
});

test('a value that is no JSON, or not what the event has, is kept and ignored', async () => {
  for (const body of ['not json', '{}', '[1]', 'null', JSON.stringify({ ref: 7, before: 'x', after: 'y' })]) {
    const delivery = await fixture.deliver(
      sign('github', { headers: { ...push.headers, 'x-github-delivery': body }, body }),
    );
    expect(delivery).toMatchObject({ state: 'ignored', reason: expect.stringContaining('body') });
  }
  expect(await fixture.builds()).toEqual([]);
});

test("nobody speaks in Footman's own name", async () => {
  const body = JSON.stringify({ kind: 'look', at: 1 });
  const headers = { ...push.headers, 'x-github-event': 'footman.look' };
  expect(await fixture.deliver(sign('github', { headers, body }, SECRET))).toMatchObject({
    event: 'unknown',
    state: 'ignored',
  });
});

function seconds(): number {
  return Math.floor(Date.now() / 1000);
}
