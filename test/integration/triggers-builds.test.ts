import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findProjectByName, schedulesOfProject } from '#controller/store';
import { startScheduled } from '#controller/triggers';
import { startTriggers, type DeliveryView, type TriggersFixture } from '#test/triggers-fixture';

const JOBS = 'jobs: { test: { runs-on: linux, steps: [{ run: "true" }] } }\n';

let fixture: TriggersFixture;
let base: string;

beforeEach(async () => {
  fixture = await startTriggers();
  base = await fixture.widget.commit({ branch: 'main', files: { 'README.md': 'widgets' } });
  await fixture.addProject({ provider: 'github' });
});

afterEach(() => fixture.dispose());

describe('filters of a pipeline', () => {
  test('each pipeline of the commit is judged by itself', async () => {
    const delivery = await push({
      '.footman.yaml': `on: { push: { branches: [main] } }\n${JOBS}`,
      '.footman/release.yaml': `on: { push: { tags: ['v*'] } }\n${JOBS}`,
      '.footman/review.yaml': `on: { pull-request: }\n${JOBS}`,
    });
    expect(delivery).toMatchObject({ state: 'processed' });
    expect(delivery.reason?.split('\n')).toEqual([
      '.footman.yaml: build 1',
      '.footman/release.yaml: it is not for the branch main',
      '.footman/review.yaml: it is not for pushes',
    ]);
  });

  test('paths are those of all commits of a push, not of the last one', async () => {
    const before = await fixture.widget.commit({
      branch: 'main',
      files: { '.footman.yaml': `on: { push: { paths: ['src/**'] } }\n${JOBS}` },
    });
    await fixture.widget.commit({ branch: 'main', files: { 'src/a.ts': '1' } });
    expect(await push({ 'docs/a.md': '1' }, { before })).toMatchObject({ state: 'processed' });
  });

  test('paths that nothing of the push touches start nothing', async () => {
    const before = await fixture.widget.commit({
      branch: 'main',
      files: { '.footman.yaml': `on: { push: { paths: ['src/**', '!src/*.md'] } }\n${JOBS}` },
    });
    expect(await push({ 'src/a.md': '1' }, { before })).toMatchObject({
      state: 'ignored',
      reason: '.footman.yaml: nothing that it looks at has changed',
    });
  });

  test('where nobody knows any more what was there before, every path counts as changed', async () => {
    const files = { '.footman.yaml': `on: { push: { paths: ['src/**'] } }\n${JOBS}` };
    expect(await push(files, { before: 'f'.repeat(40) })).toMatchObject({ state: 'processed' });
  });

  test("a new branch's paths are those that the default branch has not", async () => {
    const trunk = await fixture.widget.commit({
      branch: 'main',
      files: { '.footman.yaml': `on: { push: { paths: ['src/**'] } }\n${JOBS}`, 'src/a.ts': '1' },
    });
    const topic = await fixture.widget.commit({ branch: 'topic', from: trunk, files: { 'docs/a': '1' } });
    const recording = await fixture.record('github/push-new-branch', { topic });
    expect(await fixture.deliver(recording)).toMatchObject({ state: 'ignored' });
  });

  test('a pull request is judged by its base, and by what it adds to it', async () => {
    const rules = `on: { pull-request: { branches: [main], paths: ['src/**'] } }\n${JOBS}`;
    const head = await fixture.widget.commit({ branch: 'main', files: { '.footman.yaml': rules } });
    const topic = await fixture.widget.commit({ branch: 'topic', from: head, files: { 'docs/a': '1' } });
    // What main gets meanwhile is not the request's.
    await fixture.widget.commit({ branch: 'main', files: { 'src/a.ts': '1' } });
    await fixture.widget.point('refs/pull/7/head', topic);
    expect(
      await fixture.deliver(await fixture.record('github/pull-request-opened', { head, topic })),
    ).toMatchObject({
      state: 'ignored',
    });
    const more = await fixture.widget.commit({ branch: 'topic', files: { 'src/b.ts': '1' } });
    await fixture.widget.point('refs/pull/7/head', more);
    const moved = await fixture.record('github/pull-request-synchronize', { head, topic: more });
    expect(await fixture.deliver(moved)).toMatchObject({ state: 'processed' });
  });
});

test.each(['Typo [skip ci]', '[CI SKIP] typo', 'Typo\n\nskip-checks: true'])(
  '%j is not built',
  async (message) => {
    const delivery = await push({ '.footman.yaml': `on: { push: }\n${JOBS}` }, { message });
    expect(delivery).toMatchObject({
      state: 'ignored',
      reason: expect.stringContaining('asks for no build'),
    });
  },
);

describe('a pipeline that should be built and can not be', () => {
  test.each([
    ['mistakes', 'on: { push: }\njobs: 7\n', /\.footman\.yaml:\d+:\d+: /],
    [
      'a label that nobody has',
      'on: { push: }\njobs: { a: { runs-on: mars, steps: [{ run: x }] } }\n',
      /nobody runs mars/,
    ],
    [
      'a parameter that somebody must give',
      `on: { push: , manual: { parameters: { channel: { type: string } } } }\n${JOBS}`,
      /channel/,
    ],
  ])('with %s: the delivery says so, and the commit is told', async (_what, text, sentence) => {
    const fine = `on: { push: }\n${JOBS}`;
    const delivery = await push({ '.footman.yaml': text, '.footman/fine.yaml': fine });
    expect(delivery).toMatchObject({ state: 'processed', reason: expect.stringMatching(sentence) });
    expect(await fixture.builds()).toMatchObject([{ file: '.footman/fine.yaml' }]);
    expect(fixture.broken).toEqual([expect.stringMatching(sentence)]);

    expect(await push({ '.footman/fine.yaml': null })).toMatchObject({ state: 'failed' });
  });
});

describe('when something fails', () => {
  test('a crash between the build and the end of its delivery leaves neither, and the next try makes one build', async () => {
    fixture.crashOnce();
    const first = await push({ '.footman.yaml': `on: { push: }\n${JOBS}` });
    expect(first).toMatchObject({ state: 'received', attempts: 1 });
    expect(await fixture.builds()).toEqual([]);
    await again();
    await again();
    expect(await fixture.deliveries()).toContainEqual(
      expect.objectContaining({ id: first.id, state: 'processed' }),
    );
    expect(await fixture.builds()).toHaveLength(1);
  });

  test('a repository that is away is tried again, and given up in the end with the reason', async () => {
    await fixture.addProject({
      name: 'away',
      provider: 'github',
      repository: '/nowhere.git',
      defaultBranch: 'main',
    });
    const seen: number[] = [];
    for (;;) {
      const [delivery] = await fixture.deliveries('away');
      if (delivery === undefined || delivery.state !== 'received') break;
      seen.push(delivery.attempts);
      await again();
    }
    expect(seen).toEqual(Array.from({ length: 14 }, (_none, index) => index + 1));
    expect(await fixture.deliveries('away')).toMatchObject([
      { state: 'failed', reason: expect.stringContaining("can't fetch the repository"), dueAt: null },
    ]);
  });

  test('a commit that is not there yet is looked for again', async () => {
    const recording = await fixture.record('github/push', { before: base, head: 'e'.repeat(40) });
    expect(await fixture.deliver(recording)).toMatchObject({
      state: 'received',
      reason: expect.stringContaining('no commit'),
    });
    for (let i = 0; i < 3; i++) await again();
    expect(await fixture.deliveries()).toContainEqual(
      expect.objectContaining({ event: 'push', state: 'failed' }),
    );
  });

  test('a repository that never answers holds no other project up', async () => {
    const asked = Promise.withResolvers<void>();
    const stuck = createServer(() => asked.resolve()).listen(0, '127.0.0.1');
    await once(stuck, 'listening');
    const repository = `http://127.0.0.1:${(stuck.address() as AddressInfo).port}/x.git`;
    const { server, triggers } = fixture;
    await server.post('/projects', { name: 'stuck', repository, defaultBranch: 'main' });
    const processed = Promise.withResolvers<void>();
    const unsubscribe = server.journal.subscribe((changes) => {
      if (changes.some(({ kind, data }) => kind === 'delivery' && data.state === 'processed'))
        processed.resolve();
    });
    await triggers.run(new AbortController().signal);
    await asked.promise;

    const head = await fixture.widget.commit({
      branch: 'main',
      files: { '.footman.yaml': `on: { push: }\n${JOBS}` },
    });
    await fixture.send(await fixture.record('github/push', { before: base, head }));
    await triggers.run(new AbortController().signal);
    await processed.promise;
    expect(await fixture.builds()).toHaveLength(1);
    unsubscribe();
    stuck.close();
    stuck.closeAllConnections();
  });

  test('deliveries of one project are processed in the order in which they came', async () => {
    let before = await fixture.widget.commit({
      branch: 'main',
      files: { '.footman.yaml': `on: { push: }\n${JOBS}` },
    });
    const heads: string[] = [];
    for (let i = 0; i < 5; i++) {
      const head = await fixture.widget.commit({ branch: 'main', files: { a: String(i) } });
      const recording = await fixture.record('github/push', { before, head });
      recording.headers['x-github-delivery'] = `id-${i}`;
      await fixture.send(recording);
      heads.push(head);
      before = head;
    }
    await fixture.process();
    expect((await fixture.builds()).map(({ source }) => source?.commit)).toEqual(heads);
  });
});

describe('schedules', () => {
  const NIGHTLY = `on: { schedule: [{ cron: '0 3 * * *', timezone: Europe/Berlin }] }\n${JOBS}`;

  test('are those of the default branch, from its last push on', async () => {
    await push({ '.footman.yaml': NIGHTLY });
    expect(await schedules()).toMatchObject([
      { file: '.footman.yaml', cron: '0 3 * * *', timezone: 'Europe/Berlin' },
    ]);
    const topic = await fixture.widget.commit({ branch: 'topic', from: base, files: {} });
    await fixture.deliver(await fixture.record('github/push-new-branch', { topic }));
    expect(await schedules()).toHaveLength(1);
    await push({ '.footman.yaml': JOBS }, { id: 'second' });
    expect(await schedules()).toEqual([]);
  });

  test('of a project are known as soon as it is there', async () => {
    await fixture.widget.commit({ branch: 'main', files: { '.footman.yaml': NIGHTLY } });
    await fixture.addProject({ name: 'second' });
    expect(await schedules('second')).toHaveLength(1);
  });

  test("start the default branch's newest commit, once for each time", async () => {
    await push({ '.footman.yaml': NIGHTLY });
    const head = await fixture.widget.commit({ branch: 'main', files: { a: '1' } });
    const { journal, store } = fixture.server;
    const project = await findProjectByName(store.db, 'widget');
    const [schedule] = await schedules();
    if (project === undefined || schedule === undefined) throw new Error('there is no schedule');
    await journal.commit((tx) => startScheduled(tx, project, schedule));
    await journal.commit((tx) => startScheduled(tx, project, schedule));
    await fixture.process();
    expect(await fixture.builds()).toMatchObject([
      { source: { commit: head }, trigger: { event: 'schedule', branch: 'main' }, trust: 'trusted' },
    ]);
  });
});

interface PushOptions {
  before?: string;
  message?: string;
  id?: string;
}

/** Commits to main, and delivers the push of it. */
async function push(
  files: Parameters<TriggersFixture['widget']['commit']>[0]['files'],
  { before = base, message = 'A change', id }: PushOptions = {},
): Promise<DeliveryView> {
  const head = await fixture.widget.commit({ branch: 'main', files, message });
  const recording = await fixture.record('github/push', { before, head });
  recording.headers['x-github-delivery'] = id ?? head;
  return fixture.deliver(recording);
}

/** Later, when everything that was put off is due. */
async function again(): Promise<void> {
  fixture.pass(3_600_000);
  await fixture.process();
}

async function schedules(name = 'widget') {
  const project = await findProjectByName(fixture.server.store.db, name);
  return schedulesOfProject(fixture.server.store.db, project?.id ?? '');
}
