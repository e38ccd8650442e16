import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { BuildView } from '#test/api-client';
import { startEmbeddedController, type EmbeddedController } from '#test/embedded-controller';
import { optionalService } from '#test/optional';
import { stepNamed } from '#test/pipelines';
import { postgresMissing, startPostgres, type Postgres } from '#test/postgres';
import { addWidgetProject, tellOfPush } from '#test/widget-project';
import { createWidgetRepository } from '#test/widget-repository';

const CONFIGURATION = `
store: { kind: postgres }
clouds: { local: { kind: process, max-nodes: 4, templates: { host: { labels: linux } } } }
`;

optionalService('PostgreSQL', postgresMissing())('pipelines in full on PostgreSQL', () => {
  let folder: string;
  let postgres: Postgres;
  let controller: EmbeddedController;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'footman-postgres-'));
    postgres = await startPostgres();
    const url = await postgres.createDatabase('controller');
    controller = await startEmbeddedController(CONFIGURATION, { FOOTMAN_DATABASE_URL: url });
  });

  afterAll(async () => {
    await controller.dispose();
    await postgres.stop();
    await rm(folder, { recursive: true, force: true });
  });

  test('outputs make a matrix, one cell at a time, and a last job gathers them', async () => {
    const build = await run(`
jobs:
  list:
    runs-on: linux
    outputs: { numbers: "\${{ steps.l.outputs.numbers }}" }
    steps: [{ id: l, run: 'echo "numbers=[2, 3, 5]" >> "$FOOTMAN_OUTPUT"' }]
  square:
    needs: list
    runs-on: linux
    matrix: { n: "\${{ fromJSON(needs.list.outputs.numbers) }}", exclude: [{ n: 3 }], max-parallel: 1 }
    env: { N: "\${{ matrix.n }}" }
    outputs: { value: "\${{ steps.s.outputs.value }}" }
    steps: [{ id: s, run: 'echo "value=$((N * N))" >> "$FOOTMAN_OUTPUT"' }]
  sum:
    needs: square
    runs-on: linux
    env: { CELLS: "\${{ join(needs.square.cells.*.outputs.value, ' ') }}" }
    steps: [{ name: sum, run: 'echo "$CELLS"' }]
  never: { needs: list, if: "needs.list.outputs.numbers == ''", runs-on: linux, steps: [{ run: "true" }] }
`);
    expect(ends(build)).toEqual([
      ['list', 1, 'success'],
      ['square (2)', 1, 'success'],
      ['square (5)', 1, 'success'],
      ['sum', 1, 'success'],
      ['never', 1, 'skipped'],
    ]);
    expect(await logOf(build, 'sum')).toBe('4 25\n');
  });

  test('a retry that is delayed comes, post steps run by the result, and a rerun of what failed keeps the rest', async () => {
    const marks = join(folder, 'marks');
    const build = await run(`
jobs:
  make:
    runs-on: linux
    outputs: { node: "\${{ steps.m.outputs.node }}" }
    steps: [{ id: m, name: make, run: 'echo "node=$FOOTMAN_NODE_ID" >> "$FOOTMAN_OUTPUT"' }]
  use:
    needs: make
    runs-on: linux
    retry: { max: 1, on: [7], delay: 100ms }
    steps: [{ name: use, run: 'echo "\${{ needs.make.outputs.node }}"; exit 7' }]
    post:
      always: [{ run: 'echo "always $FOOTMAN_ATTEMPT" >> ${marks}' }]
      failure: [{ run: 'echo "failure $FOOTMAN_ATTEMPT" >> ${marks}' }]
      success: [{ run: 'echo "success $FOOTMAN_ATTEMPT" >> ${marks}' }]
`);
    expect(ends(build)).toEqual([
      ['make', 1, 'success'],
      ['use', 1, 'failure'],
      ['use', 2, 'failure'],
    ]);
    expect(await readFile(marks, 'utf8')).toBe('always 1\nfailure 1\nalways 2\nfailure 2\n');

    const again = await controller.api.post<BuildView>(`/builds/${build.id}/rerun`, { which: 'failed' });
    const rerun = await controller.api.finished(again.id);
    expect(rerun.jobs[0]).toMatchObject({ key: 'make', result: 'success', steps: [] });
    expect(await logOf(rerun, 'use')).toBe(await logOf(build, 'use'));
  });

  test('builds of one group take turns, and the waiting one gives way to a newer one', async () => {
    const gate = join(folder, 'gate');
    const first = await controller.api.submit(inGroup(`until [ -e ${gate} ]; do sleep 0.05; done`));
    const second = await controller.api.submit(inGroup('true'));
    const newer = '{ group: deploy, cancel-in-progress: true }';
    const third = await controller.api.submit(inGroup('true', newer));
    const ended = await Promise.all([first, second, third].map(({ id }) => controller.api.finished(id)));
    expect(ended.map(({ result }) => result)).toEqual(['cancelled', 'cancelled', 'success']);
  });

  test('twelve builds of one group, submitted at once, go on as many at a time as may', async () => {
    const source = inGroup('true', '{ group: turns, limit: 2 }');
    const builds = await Promise.all(Array.from({ length: 12 }, () => controller.api.submit(source)));
    const ids = new Set(builds.map(({ id }) => id));
    const left = new Set(ids);
    const events = await controller.api.eventsUntil(
      ({ kind, data }) =>
        kind === 'build' && data.state === 'finished' && left.delete(data.id) && left.size === 0,
    );
    let open = 0;
    const most = events
      .filter(({ kind, buildId }) => kind === 'job' && ids.has(buildId ?? ''))
      .map(({ data: { state } }) => (open += state === 'queued' ? 1 : state === 'finished' ? -1 : 0));
    expect(most.filter((count) => count > 2)).toEqual([]);
    expect(most).toContain(2);
    const ended = await Promise.all(builds.map(({ id }) => controller.api.build(id)));
    expect(ended.map(({ result }) => result)).toEqual(builds.map(() => 'success'));
  });

  test('secrets reach the steps that name them and no log, and stay readable through a rotation', async () => {
    await controller.api.put('/secrets/TOKEN', { value: 'correct horse', scope: 'controller' });
    expect(await controller.api.post('/secrets/rotate', {})).toMatchObject({ moved: 1, unreadable: [] });
    const build = await run(`
jobs:
  a:
    runs-on: linux
    steps: [{ name: show, env: { TOKEN: "\${{ secrets.TOKEN }}" }, run: 'echo "$TOKEN \${#TOKEN}"' }]
`);
    expect(await logOf(build, 'show')).toBe('*** 13\n');
  });

  test('a cache that one build saves is restored by the next', async () => {
    const source = `
jobs:
  a:
    runs-on: linux
    steps:
      - cache: { key: deps-1, paths: [deps] }
      - { name: found, run: "cat deps/file || echo nothing; mkdir -p deps; echo one > deps/file" }
`;
    expect(await logOf(await run(source), 'found')).toContain('nothing\n');
    expect(await logOf(await run(source), 'found')).toBe('one\n');
  });

  test('a push is built from the repository, and known when it is told again', async () => {
    const widget = await createWidgetRepository(folder);
    const pipeline =
      'on: push\njobs: { a: { runs-on: linux, steps: [{ checkout: true }, { name: show, run: cat greeting }] } }\n';
    await widget.commit({ branch: 'main', files: { '.footman.yaml': pipeline } });
    await addWidgetProject(controller, { repository: widget.path });
    const after = await widget.commit({ branch: 'main', files: { greeting: 'hello\n' } });
    expect(await Promise.all([after, after, after].map((sha) => tellOfPush(controller, sha)))).toContain(202);
    const processed = await controller.api.event(
      ({ kind, data }) => kind === 'delivery' && data.state === 'processed',
    );
    expect(processed.data['reason']).toMatch(/^\.footman\.yaml: build \d+$/);
    const { builds } = await controller.api.get<{ builds: BuildView[] }>('/builds');
    const started = builds.find(({ number }) => String(processed.data['reason']).endsWith(` ${number}`));
    const build = await controller.api.finished(started?.id ?? '');
    expect(build.result).toBe('success');
    expect(await logOf(build, 'show')).toBe('hello\n');
    const { deliveries } = await controller.api.get<{ deliveries: { event: string }[] }>(
      '/projects/widget/deliveries',
    );
    const pushes = deliveries.filter(({ event }) => event === 'push');
    expect(pushes).toMatchObject([{ state: 'processed' }]);
  });

  async function run(source: string): Promise<BuildView> {
    const { id } = await controller.api.submit(source);
    return controller.api.finished(id);
  }

  function logOf(build: BuildView, name: string): Promise<string> {
    return controller.api.log(stepNamed(build, name).id);
  }
});

function inGroup(work: string, concurrency = 'deploy'): string {
  return `concurrency: ${concurrency}\njobs: { a: { runs-on: linux, steps: [{ run: "${work}" }] } }`;
}

function ends({ jobs }: BuildView): unknown[] {
  return jobs.map(({ key, attempt, result }) => [key, attempt, result]);
}
