import { afterAll, beforeAll, expect, test } from 'vitest';
import { startEmbeddedController, type EmbeddedController } from '#test/embedded-controller';
import { optionalService } from '#test/optional';
import { numberedLines, stepNamed } from '#test/pipelines';
import { postgresMissing, startPostgres, type Postgres } from '#test/postgres';

optionalService('PostgreSQL', postgresMissing())('a controller whose state is in PostgreSQL', () => {
  let postgres: Postgres;
  let controller: EmbeddedController;

  beforeAll(async () => {
    postgres = await startPostgres();
    controller = await startEmbeddedController(
      `
store: { kind: postgres }
clouds: { local: { kind: process, max-nodes: 4, templates: { host: { labels: linux } } } }
`,
      { FOOTMAN_DATABASE_URL: await postgres.createDatabase('controller') },
    );
  });

  afterAll(async () => {
    await controller.dispose();
    await postgres.stop();
  });

  test('runs jobs that wait for each other, keeps their logs and artifacts, and leaves no node', async () => {
    const { id } = await controller.api.submit(`
jobs:
  first:
    runs-on: linux
    steps: [{ name: lines, run: 'i=0; while [ $i -lt 200 ]; do i=$((i+1)); echo "line $i"; done; echo > kept' }]
    artifacts: [{ paths: kept, if-empty: error }]
  second: { runs-on: linux, needs: first, steps: [{ run: "exit 3" }] }
  third: { runs-on: linux, needs: second, steps: [{ run: "true" }] }
`);
    const build = await controller.api.finished(id);
    expect(build.jobs.map(({ key, result }) => [key, result])).toEqual([
      ['first', 'success'],
      ['second', 'failure'],
      ['third', 'skipped'],
    ]);
    expect(build.jobs[0]?.artifacts).toMatchObject([{ state: 'complete', files: 1 }]);
    expect(await controller.api.log(stepNamed(build, 'lines').id)).toBe(numberedLines(200));
    await controller.api.drained();
  });

  test('runs twenty builds at once, each job once', async () => {
    const ids = await Promise.all(
      Array.from({ length: 20 }, async () => {
        const { id } = await controller.api.submit(
          'jobs: { a: { runs-on: linux, steps: [{ run: "true" }] } }',
        );
        return id;
      }),
    );
    const builds = await Promise.all(ids.map((id) => controller.api.finished(id)));
    expect(builds.map(({ result }) => result)).toEqual(ids.map(() => 'success'));
    expect(new Set(builds.map(({ number }) => number)).size).toBe(20);
  });
});
