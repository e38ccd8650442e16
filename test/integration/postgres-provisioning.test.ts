import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CloudList, Node, NodeChecks } from '#controller/api';
import { createApiClient, type ApiClient, type BuildView, type EventView } from '#test/api-client';
import { controlFakeWorld, type FakeWorldControl } from '#test/fake-world';
import { createPlace, type Place, type Running } from '#test/footman';
import { optionalService } from '#test/optional';
import { postgresMissing, startPostgres, type Postgres } from '#test/postgres';

/** One controller for all tests, which come one after the other: what each leaves behind is there for the next. */
optionalService('PostgreSQL', postgresMissing())('provisioning on PostgreSQL', () => {
  let place: Place;
  let postgres: Postgres;
  let serving: Running;
  let api: ApiClient;
  let lab: FakeWorldControl;
  let sick: FakeWorldControl;

  beforeAll(async () => {
    postgres = await startPostgres();
    place = await createPlace();
    place.env['FOOTMAN_DATABASE_URL'] = await postgres.createDatabase('controller');
    lab = await controlFakeWorld(join(place.folder, 'lab'));
    sick = await controlFakeWorld(join(place.folder, 'sick'));
    await place.write('footman.yaml', CONFIGURATION);
    await serve();
  });

  afterAll(async () => {
    await place[Symbol.asyncDispose]();
    await postgres.stop();
  });

  test('a job fails over from a cloud that can launch nothing, and the figures say so', async () => {
    await sick.script({ on: 'launch', do: 'unavailable' });
    expect(await run('any')).toMatchObject({ result: 'success' });
    expect((await nodesOf('sick', 'one')).map(({ failure }) => failure)).toContain('launch');
    expect(await nodesOf('lab', 'any')).toMatchObject([{ leasedAt: expect.any(Number) }]);
    const { clouds } = await api.get<CloudList>('/clouds');
    const [one] = clouds.find(({ name }) => name === 'sick')?.templates ?? [];
    expect(one).toMatchObject({ launches: { successRate: 0, failures: { launch: 1 } } });
    expect((await place.run('clouds')).out).toContain('sick');
    await sick.script();
  });

  test('a node that fails its checks gets no job, and its report is kept', async () => {
    expect(await run('host')).toMatchObject({ result: 'success' });
    const [bad] = await nodesOf('lab', 'picky');
    expect(bad).toMatchObject({ failure: 'check', leasedAt: null });
    const { results } = await api.get<NodeChecks>(`/nodes/${bad?.id}/checks`);
    expect(results).toContainEqual(expect.objectContaining({ name: 'script', ok: false }));
    expect(await nodesOf('lab', 'easy')).toMatchObject([{ failure: null }]);
  });

  test('a job gets the idle node of a pool, which is replaced; a controller that starts again keeps it', async () => {
    const idle = await ready('pooled');
    serving.child.kill('SIGTERM');
    await serving.ended;
    await serve();
    // Its agent comes back by itself.
    await nodeEvent(({ id, connected }) => id === idle && connected === true);
    expect(await run('pooled')).toMatchObject({ result: 'success' });
    await nodeEvent(({ id, state }) => id === idle && state === 'leased');
    expect(await ready('pooled', idle)).not.toBe(idle);
  });

  test('nodes are stopped when their jobs end, and removed together when there are too many', async () => {
    const before = await stopped();
    while ((await stopped()).length < 2) await run('easy');
    expect((await lab.resources()).length).toBeGreaterThanOrEqual(2);
    const waiting = new Set([...before, ...(await stopped())]);
    await run('easy');
    await nodeEvent(({ id, state }) => state === 'deleted' && waiting.delete(id) && waiting.size === 0);
  });

  test('a cordon keeps a job waiting, which is explained, until it is lifted', async () => {
    for (const name of ['easy', 'picky'])
      expect(await place.run('cordon', `lab/${name}`, '--reason', 'new disks')).toMatchObject({ exit: 0 });
    const { id, number } = await submit('host');
    const [job] = (await api.build(id)).jobs;
    await api.event(({ kind, jobId }) => kind === 'request' && jobId === job?.id);
    const { out } = await place.run('explain', `${number}/a`);
    expect(out).toContain('new disks');
    expect((await place.run('cordons')).out).toMatch(/^lab\/easy\ttemplate\tnew disks\t/m);
    for (const name of ['easy', 'picky']) await place.run('uncordon', `lab/${name}`);
    expect(await api.finished(id)).toMatchObject({ result: 'success' });
  });

  test('an idle node can be removed, and comes anew', async () => {
    const idle = await ready('pooled');
    expect(await place.run('node', 'rm', idle)).toMatchObject({ exit: 0 });
    expect(await ready('pooled', idle)).not.toBe(idle);
  });

  test('a reload brings a template, and the job that waited for it runs', async () => {
    await place.write('footman.yaml', `${CONFIGURATION}      late: { labels: late }\n`);
    expect((await place.run('config', 'check')).out).toContain('template lab/late is added');
    expect(await place.run('config', 'reload')).toMatchObject({ exit: 0 });
    expect(await run('late')).toMatchObject({ result: 'success' });
  });

  test('the doctor finds nothing wrong, and a drain leaves nothing', async () => {
    const { out } = await place.run('doctor');
    expect(out).toMatch(/^cloud lab \(fake; listed \S+ ago; no leaks\)$/m);
    expect(out).not.toContain('suspected');
    const drained = await place.run('drain', 'lab', '--wait');
    expect(drained).toMatchObject({ exit: 0, out: expect.stringMatching(/lab: drained\n$/) });
    expect(await lab.resources()).toEqual([]);
  });

  async function serve(): Promise<void> {
    serving = place.start('serve', '--listen', '127.0.0.1:0');
    await serving.said('listening on ');
    api = createApiClient(/listening on (\S+);/.exec(serving.output())?.[1] ?? '', place.data);
  }

  function submit(runsOn: string): Promise<BuildView> {
    return api.submit(`jobs: { a: { runs-on: ${runsOn}, steps: [{ run: "true" }] } }`);
  }

  async function run(runsOn: string): Promise<BuildView> {
    return api.finished((await submit(runsOn)).id);
  }

  /** All that there were, those that are gone included. */
  async function nodes(): Promise<Node[]> {
    return (await api.get<{ nodes: Node[] }>('/nodes?all=true')).nodes;
  }

  async function nodesOf(cloud: string, template: string): Promise<Node[]> {
    return (await nodes()).filter((node) => node.cloud === cloud && node.template === template);
  }

  async function stopped(): Promise<string[]> {
    const all = await nodes();
    return all
      .filter(({ state, stoppedAt }) => state === 'deleting' && stoppedAt !== null)
      .map(({ id }) => id);
  }

  function nodeEvent(fits: (data: EventView['data']) => boolean): Promise<EventView> {
    return api.event(({ kind, data }) => kind === 'node' && fits(data));
  }

  /** The template's idle node, as soon as there is one that is not the given one. */
  async function ready(template: string, not?: string): Promise<string> {
    const isIt = (node: Node): boolean => node.state === 'ready' && node.id !== not;
    await nodeEvent((data) => data.state === 'ready' && data['template'] === template && data.id !== not);
    const idle = (await nodesOf('lab', template)).find(isIt);
    return idle?.id ?? ready(template, not);
  }
});

const CONFIGURATION = `data: data
store: { kind: postgres }
teardown: { max-stopped: 2, idle: 1h }
clouds:
  sick:
    kind: fake
    world: sick
    templates:
      one: { labels: any, weight: 200 }
  lab:
    kind: fake
    world: lab
    max-nodes: 12
    templates:
      any: { labels: any }
      pooled: { labels: pooled, min-ready: 1 }
      picky: { labels: host, weight: 200, checks: { script: exit 3 } }
      easy: { labels: host easy, checks: { disk: 1MiB, script: "true" } }
`;
