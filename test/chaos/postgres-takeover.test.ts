import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { startControllerProcess, type ControllerProcess } from '#test/controller-process';
import { optionalService } from '#test/optional';
import { stepNamed } from '#test/pipelines';
import { postgresMissing, startPostgres, type Postgres } from '#test/postgres';

/** Controllers that take turns at one PostgreSQL database: one is killed, and another goes on. */

optionalService('PostgreSQL', postgresMissing())('two controllers take turns at one database:', () => {
  let postgres: Postgres;
  let folder: string;
  let env: NodeJS.ProcessEnv;
  const databases = { made: 0 };
  const running: ControllerProcess[] = [];

  beforeAll(async () => {
    postgres = await startPostgres();
  });
  afterAll(() => postgres.stop());

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'footman-turns-'));
    databases.made += 1;
    env = { FOOTMAN_DATABASE_URL: await postgres.createDatabase(`turns_${databases.made}`) };
  });

  afterEach(async () => {
    for (const controller of running.splice(0)) await controller.stop();
    await rm(folder, { recursive: true, force: true });
  });

  test('with the data folder of the first, the second goes on with its jobs (I3, I4)', async () => {
    const [marks, gate] = [join(folder, 'marks'), join(folder, 'gate')];
    const first = await start('shared');
    const { id } = await first.api.submit(`
jobs:
  a:
    runs-on: linux
    steps: [{ name: work, run: "echo begun | tee -a ${marks}; until [ -e ${gate} ]; do sleep 0.05; done; echo ended" }]
  b: { needs: a, runs-on: linux, steps: [{ run: "echo b >> ${marks}" }] }
`);
    const step = stepNamed(await first.api.build(id), 'work');
    await first.api.logged(step.id, 'begun');
    await first.kill();
    const second = await start('shared');
    await writeFile(gate, '');
    expect(await second.api.finished(id)).toMatchObject({ result: 'success' });
    expect(await second.api.log(step.id)).toBe('begun\nended\n');
    expect(await readFile(marks, 'utf8')).toBe('begun\nb\n');
    await second.api.drained();
  });

  test('with a data folder of its own, the second gives up what ran and runs what waited, with the same secrets', async () => {
    const marks = join(folder, 'marks');
    const first = await start('one');
    await first.api.put('/secrets/TOKEN', { value: 'correct horse', scope: 'controller' });
    const { id } = await first.api.submit(`
jobs:
  a:
    runs-on: linux
    retry: { max: 1, on: errored }
    steps:
      - name: work
        env: { TOKEN: "\${{ secrets.TOKEN }}" }
        run: 'echo "attempt $FOOTMAN_ATTEMPT \${#TOKEN}" | tee -a ${marks}; test "$FOOTMAN_ATTEMPT" = 2 || sleep 600'
`);
    await first.api.logged(stepNamed(await first.api.build(id), 'work').id, 'attempt 1');
    await first.kill();
    const second = await start('two', '3s');
    const build = await second.api.finished(id);
    expect(build.jobs.map(({ attempt, result }) => [attempt, result])).toEqual([
      [1, 'errored'],
      [2, 'success'],
    ]);
    expect(await readFile(marks, 'utf8')).toBe('attempt 1 13\nattempt 2 13\n');
  });

  /** Beside the database, they share the keys that seal secrets. */
  async function start(data: string, agentLost = '1m'): Promise<ControllerProcess> {
    const configuration = `
store: { kind: postgres }
secrets: { key-file: ${join(folder, 'secrets.key')} }
timeouts: { agent-lost: ${agentLost} }
clouds: { local: { kind: process, max-nodes: 4, templates: { host: { labels: linux } } } }
`;
    const controller = await startControllerProcess({ folder: join(folder, data), configuration, env });
    running.push(controller);
    return controller;
  }
});
