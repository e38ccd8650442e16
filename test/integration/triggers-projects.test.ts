import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findProjectByName } from '#controller/store';
import { startTriggers, type TriggersFixture } from '#test/triggers-fixture';

const PIPELINE = `
on: { manual: { parameters: { channel: { default: beta } } } }
jobs: { test: { runs-on: linux, steps: [{ run: "true" }] } }
`;

let fixture: TriggersFixture;
let head: string;

beforeEach(async () => {
  fixture = await startTriggers();
  head = await fixture.widget.commit({ branch: 'main', files: { '.footman.yaml': PIPELINE } });
});

afterEach(() => fixture.dispose());

describe('a project', () => {
  test('is added with what nobody said filled in, shown, changed and removed', async () => {
    const added = await fixture.server.post('/projects', { name: 'widget', repository: fixture.widget.path });
    expect(added.status).toBe(201);
    expect(await added.json()).toMatchObject({
      provider: 'git',
      defaultBranch: 'main',
      pipelines: ['.footman.yaml', '.footman/*.yaml'],
      depth: null,
      share: 1,
      maxNodes: null,
    });
    const changed = await send('PUT', '/projects/widget', {
      provider: 'forgejo',
      depth: 5,
      knownHosts: 'host key',
      share: 3,
      maxNodes: 20,
    });
    expect(await changed.json()).toMatchObject({ provider: 'gitea', depth: 5, defaultBranch: 'main' });
    expect(await fixture.server.get('/projects/widget')).toMatchObject({ share: 3, maxNodes: 20 });
    const freed = await send('PUT', '/projects/widget', { maxNodes: null });
    expect(await freed.json()).toMatchObject({ share: 3, maxNodes: null });
    expect(await fixture.server.get('/projects/widget')).toMatchObject({ knownHosts: 'host key' });
    expect(
      (await fixture.server.post('/projects', { name: 'widget', repository: fixture.widget.path })).status,
    ).toBe(409);
    expect((await send('DELETE', '/projects/widget')).status).toBe(200);
    expect((await send('DELETE', '/projects/widget')).status).toBe(404);
    expect(await fixture.server.get('/projects')).toEqual({ projects: [] });
  });

  test.each([
    [{ name: 'a/b' }, 'name'],
    [{ name: '../x' }, 'name'],
    [{ repository: 'ext::sh -c x' }, 'repository'],
    [{ repository: 'https://user:secret@host/x.git' }, 'credential'],
    [{ pipelines: ['../x.yaml'] }, 'pipelines'],
    [{ pipelines: [] }, 'pipelines'],
    [{ defaultBranch: '--all' }, 'defaultBranch'],
    [{ defaultBranch: 'a..b' }, 'defaultBranch'],
    [{ apiUrl: 'file:///etc' }, 'apiUrl'],
    [{ depth: 0 }, 'depth'],
    [{ share: 0 }, 'share'],
    [{ share: 1001 }, 'share'],
    [{ share: null }, 'share'],
    [{ maxNodes: 0 }, 'maxNodes'],
    [{ token: 'x' }, 'token'],
  ])('with %j is refused, and the answer says what is wrong', async (change, word) => {
    const project = { name: 'widget', repository: fixture.widget.path, ...change };
    const response = await fixture.server.post('/projects', project);
    expect(response.status).toBe(400);
    const text = await response.text();
    expect(text).toContain(word);
    expect(text).not.toContain('secret@');
  });

  test('whose repository can not be asked for its default branch is not added', async () => {
    const response = await fixture.server.post('/projects', { name: 'lost', repository: '/nowhere.git' });
    expect(response.status).toBe(502);
    expect(await response.json()).toMatchObject({ error: { code: 'repository-unreachable' } });
  });

  test('that moves to another repository forgets what it had of the first', async () => {
    await fixture.addProject();
    await build({});
    const { createWidgetRepository } = await import('#test/widget-repository');
    const other = await createWidgetRepository(`${fixture.widget.path}-other`);
    await other.commit({ branch: 'main', files: { '.footman.yaml': PIPELINE, other: '1' } });
    await send('PUT', '/projects/widget', { repository: other.path });
    expect((await build({ ref: head })).status).toBe(404);
  });
});

describe('a build by hand', () => {
  beforeEach(() => fixture.addProject());

  test('is of the default branch as it is now, with the parameters that were given', async () => {
    const response = await build({ parameters: { channel: 'stable' } });
    expect(response.status).toBe(201);
    expect(await fixture.builds()).toMatchObject([
      {
        source: { commit: head, ref: 'refs/heads/main' },
        parameters: { channel: 'stable' },
        trigger: { event: 'manual', branch: 'main', actor: 'administrator' },
      },
    ]);
  });

  test('may be of a tag, a commit, or one of several pipelines by its file or its name', async () => {
    await fixture.widget.tag('v1.0', head);
    const files = { '.footman/nightly.yaml': `name: every-night\n${PIPELINE}` };
    await fixture.widget.commit({ branch: 'main', files });
    expect((await build({ ref: 'v1.0' })).status).toBe(201);
    expect((await build({ ref: head.slice(0, 12) })).status).toBe(201);
    expect((await build({ pipeline: '.footman/nightly.yaml' })).status).toBe(201);
    expect((await build({ pipeline: 'every-night' })).status).toBe(201);
    const triggers = (await fixture.builds()).map(({ trigger, pipeline }) => [
      pipeline,
      trigger.tag ?? trigger.branch,
    ]);
    expect(triggers.map(([, where]) => where)).toEqual(['v1.0', undefined, 'main', 'main']);
    const vague = await build({});
    expect(vague.status).toBe(400);
    expect(await vague.text()).toContain('say which');
  });

  test('of what only a pull request has is a build of a stranger: nobody is talked into giving it secrets', async () => {
    const theirs = await fixture.widget.commit({ branch: 'theirs', from: head, files: { evil: '1' } });
    await fixture.widget.point('refs/pull/7/head', theirs);
    await fixture.widget.point('refs/heads/theirs', null);
    const { projects, store } = fixture.server;
    const project = await findProjectByName(store.db, 'widget');
    if (project === undefined) throw new Error('no project');
    await projects.refresh(project, ['refs/pull/7/head'], new AbortController().signal);
    const names = ['refs/pull/7/head', theirs, head, 'main', 'refs/heads/main'];
    for (const ref of names) expect((await build({ ref })).status).toBe(201);
    expect((await fixture.builds()).map(({ trust }) => trust)).toEqual([
      'fork',
      'fork',
      'trusted',
      'trusted',
      'trusted',
    ]);
  });

  test.each([
    [{ ref: 'no-such-branch' }, 404, 'no-such-branch'],
    [{ ref: '--upload-pack=x' }, 404, 'no branch'],
    [{ pipeline: 'footman.yaml' }, 404, '.footman.yaml'],
    [{ parameters: { chanel: 'x' } }, 400, 'chanel'],
  ])('with %j is refused with %i', async (wish, status, word) => {
    const response = await build(wish);
    expect(response.status).toBe(status);
    expect(await response.text()).toContain(word);
  });

  test('of a pipeline with mistakes names them', async () => {
    await fixture.widget.commit({ branch: 'main', files: { '.footman.yaml': 'jobs: 7\n' } });
    const response = await build({});
    expect(response.status).toBe(400);
    expect(await response.text()).toMatch(/\.footman\.yaml:1:7/);
  });
});

function build(wish: Record<string, unknown>): Promise<Response> {
  return fixture.server.post('/projects/widget/builds', wish);
}

function send(method: string, path: string, body?: unknown): Promise<Response> {
  const headers = { authorization: `Bearer ${fixture.server.admin}` };
  return fixture.server.call(path, {
    method,
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}
