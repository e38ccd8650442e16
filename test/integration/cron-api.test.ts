import { insertProject, newId, putCommitStatus, type Project } from '#controller/store';
import { syncSchedules } from '#controller/triggers';
import { startApiServer, type ApiServer } from '#test/api-server';
import { afterAll, beforeAll, expect, test } from 'vitest';

let server: ApiServer;
let project: Project;

beforeAll(async () => {
  server = await startApiServer();
  project = await insertProject(server.store.db, {
    id: newId(),
    name: 'shop',
    provider: 'git',
    repository: '/srv/git/shop.git',
    api_url: null,
    default_branch: 'main',
    pipelines: ['ci.yaml'],
    token_secret: null,
    ssh_key_secret: null,
    webhook_secret: null,
    known_hosts: null,
    depth: null,
    share: 1,
    created_at: 0,
  });
});

afterAll(() => server.dispose());

test("a project's schedules tell the time behind H, and when they run", async () => {
  const entry = { file: 'ci.yaml', cron: 'H H(0-5) * * MON', timezone: 'Europe/Berlin' };
  await server.journal.commit((tx) => syncSchedules(tx, project, [entry]));
  expect(await server.get('/projects/shop/schedules')).toEqual({
    schedules: [
      {
        id: expect.any(String),
        ...entry,
        resolved: expect.stringMatching(/^\d{1,2} [0-5] \* \* MON$/),
        nextAt: expect.any(Number),
        lastAt: null,
      },
    ],
  });
});

test("a project's statuses tell what keeps the provider from hearing them", async () => {
  const state = {
    wanted: 'success',
    told: 'pending',
    failures: 3,
    problem: 'the provider answered 401',
  } as const;
  await putCommitStatus(server.store.db, {
    id: newId(),
    project_id: project.id,
    sha: 'a'.repeat(40),
    context: 'footman/ci',
    build_id: null,
    number: 7,
    description: 'build 7: success',
    due_at: null,
    ...state,
  });
  expect(await server.get('/projects/shop/statuses')).toEqual({
    statuses: [
      {
        sha: 'a'.repeat(40),
        context: 'footman/ci',
        buildId: null,
        state: 'success',
        description: 'build 7: success',
        told: 'pending',
        failures: 3,
        problem: 'the provider answered 401',
        nextTryAt: null,
      },
    ],
  });
});

test.each(['schedules', 'statuses'])('%s of a project that is not there are not found', async (what) => {
  expect((await server.call(`/projects/nobody/${what}`)).status).toBe(404);
  expect((await server.call(`/projects/shop/${what}`, { headers: {} })).status).toBe(401);
});
