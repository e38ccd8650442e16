import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { sign, startTriggers, type TriggersFixture } from '#test/triggers-fixture';

const PIPELINE = `
on:
  push: { branches: [main, topic], tags: ['v*'] }
  pull-request: { branches: [main] }
jobs: { test: { runs-on: linux, steps: [{ run: "true" }] } }
`;

let fixture: TriggersFixture;
let commits: { before: string; head: string; topic: string; fork: string; tag: string };

beforeEach(async () => {
  fixture = await startTriggers();
  const { widget } = fixture;
  const before = await widget.commit({ branch: 'main', files: { 'README.md': 'widgets' } });
  const files = { '.footman.yaml': PIPELINE };
  const head = await widget.commit({ branch: 'main', files, message: 'Count widgets' });
  const topic = await widget.commit({
    branch: 'topic',
    from: head,
    files: { a: '1' },
    message: 'Count faster',
  });
  const fork = await widget.commit({
    branch: 'stranger',
    from: head,
    files: { b: '2' },
    message: 'Count faster still',
  });
  // A fork's commits are under the request's ref alone.
  await widget.point('refs/heads/stranger', null);
  commits = { before, head, topic, fork, tag: await widget.tag('v1.0', head) };
});

afterEach(() => fixture.dispose());

describe.each([
  {
    provider: 'github',
    pull: 'refs/pull/7/head',
    opened: 'pull-request-opened',
    updated: 'pull-request-synchronize',
    forked: 'pull-request-fork',
    nothing: ['push-deleted', 'pull-request-closed'],
  },
  {
    provider: 'gitlab',
    pull: 'refs/merge-requests/7/head',
    opened: 'merge-request-opened',
    updated: 'merge-request-updated',
    forked: 'merge-request-fork',
    nothing: ['push-deleted', 'merge-request-closed', 'merge-request-renamed'],
  },
  ...['gitea', 'forgejo'].map((provider) => ({
    provider,
    pull: 'refs/pull/7/head',
    opened: 'pull-request-opened',
    updated: 'pull-request-synchronized',
    forked: 'pull-request-fork',
    nothing: ['push-deleted', 'pull-request-closed'],
  })),
])('deliveries of $provider', ({ provider, pull, opened, updated, forked, nothing }) => {
  const record = (name: string) => fixture.record(`${provider}/${name}`, commits);

  beforeEach(() => fixture.addProject({ provider }));

  test('a push builds the commit that was pushed', async () => {
    expect(await fixture.deliver(await record('push'))).toMatchObject({
      state: 'processed',
      reason: expect.stringContaining('.footman.yaml: build 1'),
    });
    const [build] = await fixture.builds();
    expect(build).toMatchObject({
      file: '.footman.yaml',
      trust: 'trusted',
      source: { commit: commits.head, ref: 'refs/heads/main' },
      trigger: { event: 'push', branch: 'main', title: 'Count widgets', author: 'Jane Doe', actor: 'jdoe' },
    });
  });

  test('an annotated tag builds the commit that it is on', async () => {
    await fixture.deliver(await record('push-tag'));
    const [build] = await fixture.builds();
    expect(build).toMatchObject({
      source: { commit: commits.head },
      trigger: { event: 'push', tag: 'v1.0' },
    });
    expect(build?.trigger.branch).toBeUndefined();
  });

  test('a pull request builds its head, whenever that moves', async () => {
    await fixture.widget.point(pull, commits.topic);
    await fixture.deliver(await record(opened));
    await fixture.deliver(await record(updated));
    const builds = await fixture.builds();
    expect(builds).toHaveLength(2);
    for (const build of builds)
      expect(build).toMatchObject({
        trust: 'trusted',
        source: { commit: commits.topic, ref: pull },
        trigger: {
          event: 'pull-request',
          pullRequest: {
            number: 7,
            title: 'Count faster',
            author: 'jdoe',
            branch: 'topic',
            base: 'main',
            fork: false,
          },
        },
      });
  });

  test('a pull request from a fork is not trusted, whatever its branch is called', async () => {
    await fixture.widget.point(pull, commits.fork);
    await fixture.deliver(await record(forked));
    const [build] = await fixture.builds();
    expect(build).toMatchObject({
      trust: 'fork',
      source: { commit: commits.fork },
      trigger: { event: 'pull-request', pullRequest: { fork: true, branch: 'main' } },
    });
    expect(build?.trigger.branch).toBeUndefined();
  });

  test.each(nothing.map((name) => ({ name })))('$name builds nothing, and says so', async ({ name }) => {
    await fixture.widget.point(pull, commits.topic);
    const delivery = await fixture.deliver(await record(name));
    expect(delivery).toMatchObject({
      state: 'ignored',
      reason: expect.stringMatching(/was removed|nothing is built/),
    });
    expect(await fixture.builds()).toEqual([]);
  });
});

test('the push of a new branch builds it', async () => {
  await fixture.addProject({ provider: 'github' });
  await fixture.deliver(await fixture.record('github/push-new-branch', commits));
  expect(await fixture.builds()).toMatchObject([
    { source: { commit: commits.topic }, trigger: { branch: 'topic' } },
  ]);
});

test("a stranger's words are one plain line", async () => {
  await fixture.addProject({ provider: 'github' });
  await fixture.widget.point('refs/pull/7/head', commits.fork);
  const { headers, body } = await fixture.record('github/pull-request-fork', commits);
  const event = JSON.parse(body) as { pull_request: { title: string } };
  event.pull_request.title = `Fix\u001b]0;all\u0007\nbuild 1: success ${'!'.repeat(5000)}`;
  await fixture.deliver(sign('github', { headers, body: JSON.stringify(event) }));
  const [build] = await fixture.builds();
  expect(build?.trigger.pullRequest?.title).toMatch(/^Fix \]0;all build 1: success !{900,1000}…$/);
});

test("GitHub's ping is answered, and kept from nobody", async () => {
  await fixture.addProject({ provider: 'github' });
  const response = await fixture.send(await fixture.record('github/ping', commits));
  expect(response.status).toBe(200);
  expect(await response.json()).toMatchObject({ state: 'pong' });
});

test('a form that holds the payload is read as well', async () => {
  await fixture.addProject({ provider: 'github' });
  const { headers, body } = await fixture.record('github/push', commits);
  const form = sign('github', {
    headers: { ...headers, 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ payload: body }).toString(),
  });
  expect(await fixture.deliver(form)).toMatchObject({ state: 'processed' });
});
