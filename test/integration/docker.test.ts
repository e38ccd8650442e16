import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dockerMissing, startEngine, type TestEngine } from '#test/docker';
import { startEmbeddedController, type EmbeddedController } from '#test/embedded-controller';
import { optionalService } from '#test/optional';
import { numberedLines, stepNamed } from '#test/pipelines';

optionalService('Docker Engine', dockerMissing())('jobs in containers', () => {
  let engine: TestEngine;
  let controller: EmbeddedController;

  beforeAll(async () => {
    engine = await startEngine();
    controller = await startEmbeddedController(`
timeouts: { agent-lost: 2s }
clouds:
  docker:
    kind: docker
    host: ${engine.host}
    templates:
      debian: { labels: docker debian, image: '${await engine.image('debian')}', pull: never, network: none }
      busybox: { labels: docker busybox, image: '${await engine.image('busybox')}', pull: never, network: none }
      missing: { labels: missing, image: 'footman/no-such:image', pull: never, network: none }
`);
  });

  afterAll(async () => {
    await controller.dispose();
    await engine.stop();
  });

  test.each(['debian', 'busybox'])('in an image of %s, without a network', async (label) => {
    const { id } = await controller.api.submit(`
jobs:
  a:
    runs-on: docker && ${label}
    steps:
      - { name: lines, run: 'i=0; while [ $i -lt 100 ]; do i=$((i+1)); echo "line $i"; done' }
      - { name: both, run: 'echo out; echo err > /dev/stderr; echo out again' }
      - { name: clean, run: 'echo "[$LD_LIBRARY_PATH$NODE_OPTIONS]"' }
`);
    const build = await controller.api.finished(id);
    expect(build).toMatchObject({ result: 'success' });
    expect(await controller.api.log(stepNamed(build, 'lines').id)).toBe(numberedLines(100));
    expect(await controller.api.log(stepNamed(build, 'both').id)).toBe('out\nerr\nout again\n');
    expect(await controller.api.log(stepNamed(build, 'clean').id)).toBe('[]\n');
  });

  test('each job gets a container of its own, and none is left (I1, I2)', async () => {
    const { id } = await controller.api.submit(`
jobs:
  a: { runs-on: busybox, steps: [{ name: a, run: 'echo "$FOOTMAN_NODE_ID"; echo mine > /left' }] }
  b: { runs-on: busybox, needs: a, steps: [{ name: b, run: 'echo "$FOOTMAN_NODE_ID"; if [ -e /left ]; then echo stale; fi' }] }
`);
    const build = await controller.api.finished(id);
    const [first, second] = await Promise.all(
      ['a', 'b'].map((name) => controller.api.log(stepNamed(build, name).id)),
    );
    expect(second).toMatch(/^[a-z0-9]{16}\n$/);
    expect(second).not.toBe(first);
    await controller.api.drained();
    expect(await engine.docker.listContainers({ all: true })).toEqual([]);
  });

  test('artifacts leave a container that has no network', async () => {
    const { id } = await controller.api.submit(`
jobs:
  a: { runs-on: busybox, steps: [{ run: 'echo kept > file' }], artifacts: [{ paths: file, if-empty: error }] }
`);
    const build = await controller.api.finished(id);
    expect(build.jobs[0]?.artifacts).toMatchObject([{ state: 'complete', files: 1, bytes: 5 }]);
  });

  test('the container is killed from outside: the job ends errored, what it logged is kept', async () => {
    const { id } = await controller.api.submit(`
jobs:
  a: { runs-on: busybox, steps: [{ name: long, run: 'echo begun; sleep 600' }] }
`);
    const step = stepNamed(await controller.api.build(id), 'long');
    await controller.api.logged(step.id, 'begun\n');
    const [container] = await engine.docker.listContainers();
    await engine.docker.getContainer(container?.Id ?? '').kill();
    const build = await controller.api.finished(id);
    expect(build).toMatchObject({
      result: 'errored',
      jobs: [{ reason: 'its agent was lost: no connection for 2s' }],
    });
    expect(await controller.api.log(step.id)).toBe('begun\n');
    await controller.api.drained();
    expect(await engine.docker.listContainers({ all: true })).toEqual([]);
  });

  test('what infrastructure failed is tried again in a fresh container', async () => {
    const { id } = await controller.api.submit(`
jobs:
  a:
    runs-on: busybox
    retry: { max: 1, on: errored }
    steps: [{ name: long, run: 'echo "attempt $FOOTMAN_ATTEMPT"; test "$FOOTMAN_ATTEMPT" = 2 || sleep 600' }]
`);
    const step = stepNamed(await controller.api.build(id), 'long');
    await controller.api.logged(step.id, 'attempt 1\n');
    const [container] = await engine.docker.listContainers();
    await engine.docker.getContainer(container?.Id ?? '').kill();
    const build = await controller.api.finished(id);
    expect(build.result).toBe('success');
    const attempts = build.jobs.map(({ attempt, result, superseded }) => [attempt, result, superseded]);
    expect(attempts).toEqual([
      [1, 'errored', true],
      [2, 'success', false],
    ]);
  });

  test('cells run in the images that they name; caches, digests and outputs need nothing of an image but sh and tar', async () => {
    const source = `
name: cells
jobs:
  cell:
    runs-on: \${{ matrix.image }}
    matrix: { image: [debian, busybox] }
    outputs: { digest: "\${{ steps.digest.outputs.digest }}" }
    steps:
      - run: echo lock > lock
      - { name: restore, id: cache, cache: { key: "\${{ matrix.image }}-\${{ hashFiles('lock') }}", paths: kept } }
      - { name: work, if: steps.cache.outputs.cache-hit != 'true', run: 'mkdir kept; echo made > kept/file' }
      - { name: digest, id: digest, run: 'echo "digest=$LOCK" >> "$FOOTMAN_OUTPUT"; cat kept/file', env: { LOCK: "\${{ hashFiles('lock') }}" } }
  same:
    needs: cell
    runs-on: busybox
    steps: [{ name: same, env: { CELLS: "\${{ toJSON(needs.cell.cells) }}" }, run: 'echo "$CELLS" | grep -o "[0-9a-f]\\{64\\}" | sort -u | wc -l' }]
`;
    const worked: (string | null)[][] = [];
    for (const _ of [1, 2]) {
      const { id } = await controller.api.submit(source);
      const build = await controller.api.finished(id);
      expect(build).toMatchObject({ result: 'success' });
      expect(await controller.api.log(stepNamed(build, 'same').id)).toBe('1\n');
      const steps = build.jobs.flatMap((job) => job.steps);
      worked.push(steps.filter(({ name }) => name === 'work').map(({ result }) => result));
    }
    expect(worked).toEqual([
      ['success', 'success'],
      ['skipped', 'skipped'],
    ]);
  });

  test('an image that does not exist fails the job at once, and says so', async () => {
    const { id } = await controller.api.submit('jobs: { a: { runs-on: missing, steps: [{ run: "true" }] } }');
    const build = await controller.api.finished(id);
    expect(build.result).toBe('errored');
    expect(build.jobs[0]?.reason).toContain('footman/no-such:image');
  });
});

describe('a Docker Engine that is not there', () => {
  test('the job waits as long as it may, and then says what was missing', async () => {
    const controller = await startEmbeddedController(
      'clouds: { docker: { kind: docker, host: unix:///nowhere/docker.sock, templates: { a: { labels: docker, image: a } } } }',
    );
    const { id } = await controller.api.submit(
      'jobs: { a: { runs-on: docker, queue-timeout: 1s, steps: [{ run: "true" }] } }',
    );
    const build = await controller.api.finished(id);
    expect(build.result).toBe('errored');
    expect(build.jobs[0]?.reason).toMatch(/^no node within 1s; .*unix:\/\/\/nowhere\/docker\.sock.*dockerd/);
    await controller.dispose();
  });
});
