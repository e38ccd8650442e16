import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { BuildView } from '#test/api-client';
import { startEmbeddedController, type EmbeddedController } from '#test/embedded-controller';
import { stepNamed } from '#test/pipelines';

let controller: EmbeddedController;

beforeAll(async () => {
  controller = await startEmbeddedController(
    'clouds: { local: { kind: process, max-nodes: 4, templates: { host: { labels: linux } } } }',
  );
});

afterAll(() => controller.dispose());

test('what one job leaves, another one has as it was: files, links and permissions, alone or in an archive', async () => {
  const build = await run(`
jobs:
  make:
    runs-on: linux
    steps:
      - run: |
          mkdir -p out/deep && echo hello > out/deep/a && head -c 20000000 /dev/urandom > out/large
          ln -s deep/a out/link && printf '#!/bin/sh\\necho runs' > out/tool && chmod 755 out/tool
          cd out && sha256sum large > large.sum
    artifacts:
      - { name: plain, paths: "out/**" }
      - { name: packed, paths: "out/**", archive: true }
  use:
    needs: make
    runs-on: linux
    artifacts: [{ from: make, path: in }]
    steps:
      - name: look
        run: |
          for i in plain packed; do
            cd in/$i/out
            sha256sum --quiet -c large.sum && cat link && ./tool && readlink link && stat -c %a tool
            cd ../../..
          done
`);
  expect(build.jobs.map(({ reason }) => reason)).toEqual([null, null]);
  const seen = 'hello\nruns\ndeep/a\n755\n';
  expect(await controller.api.log(stepNamed(build, 'look').id)).toBe(seen + seen);
  expect(build.jobs[0]?.artifacts).toMatchObject([
    { name: 'plain', state: 'complete', files: 5 },
    { name: 'packed', state: 'complete', files: 5 },
  ]);
  expect(await controller.api.log(stepNamed(build, 'store what the job leaves').id)).toMatch(
    /^plain: collecting\n[^]*plain: 5 files, 19\.1 MiB, in .*; manifest sha256:[0-9a-f]{64}\n[^]*packed: 5 files/,
  );
});

test('of a matrix, each cell has a folder of its own', async () => {
  const build = await run(`
jobs:
  make:
    runs-on: linux
    matrix: { n: [1, 2] }
    steps: [{ run: "echo $N > out", env: { N: "\${{ matrix.n }}" } }]
    artifacts: [{ name: out, paths: out }]
  use:
    needs: make
    runs-on: linux
    artifacts: [{ from: make, name: out }]
    steps: [{ name: look, run: "cat 'make (1)/out/out' 'make (2)/out/out'" }]
`);
  expect(await controller.api.log(stepNamed(build, 'look').id)).toBe('1\n2\n');
});

describe('a job that does not end well leaves what it has', () => {
  test.each([
    ['a failure', 'exit 3', '', 'failure'],
    ['its timeout', 'sleep 600', 'timeout: 2s,', 'timed-out'],
  ])('after %s', async (_, script, more, result) => {
    const build = await run(`
jobs:
  a:
    { runs-on: linux, ${more} steps: [{ run: "echo x > out; ${script}" }],
      artifacts: [{ name: all, paths: out, when: always }, { name: bad, paths: out, when: failure },
                  { name: good, paths: out, when: success }] }
`);
    expect(build.jobs[0]).toMatchObject({
      result,
      artifacts: [
        { name: 'all', state: 'complete', bytes: 2 },
        { name: 'bad', state: 'complete' },
        { name: 'good', state: 'empty', reason: 'kept only after success' },
      ],
    });
  });

  test('after it was cancelled', async () => {
    const { id } = await controller.api.submit(`
jobs:
  a:
    runs-on: linux
    steps: [{ name: long, run: "echo x > out; echo begun; sleep 600" }]
    artifacts: [{ name: all, paths: out, when: always }]
`);
    const { jobs } = await controller.api.build(id);
    await controller.api.logged(jobs[0]?.steps[0]?.id ?? '', 'begun');
    await controller.api.post(`/builds/${id}/cancel`, {});
    const build = await controller.api.finished(id);
    expect(build.jobs[0]).toMatchObject({
      result: 'cancelled',
      artifacts: [{ state: 'complete', files: 1 }],
    });
  });
});

test('globs that match nothing are told of as the artifact says, and are none of the job', async () => {
  const build = await run(`
jobs:
  a:
    { runs-on: linux, steps: [{ run: "true" }],
      artifacts: [{ name: w, paths: no }, { name: e, paths: no, if-empty: error }, { name: i, paths: no, if-empty: ignore }] }
`);
  const reason = 'its paths matched no file';
  expect(build).toMatchObject({
    result: 'success',
    jobs: [
      {
        artifacts: [
          { state: 'empty', reason },
          { state: 'failed', reason },
          { state: 'empty', reason: null },
        ],
      },
    ],
  });
  expect(stepNamed(build, 'store what the job leaves')).toMatchObject({
    result: 'failure',
    message: `artifact e: ${reason}`,
  });
});

async function run(pipeline: string): Promise<BuildView> {
  const { id } = await controller.api.submit(pipeline);
  return controller.api.finished(id);
}
