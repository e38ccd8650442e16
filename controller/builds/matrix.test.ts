import { describe, expect, test } from 'vitest';
import { openBuilds } from './test-support.ts';

const STEPS = 'runs-on: linux, steps: [{ run: "true" }]';

describe('a matrix', () => {
  test('becomes one job for each cell, and what needs it waits for all', async () => {
    await using builds = await openBuilds();
    const build = await builds.submit(`
jobs:
  test: { matrix: { osds: [3, 5] }, ${STEPS} }
  report: { needs: test, ${STEPS} }
`);
    expect(await builds.states(build)).toEqual({
      'test (3)': 'queued',
      'test (5)': 'queued',
      report: 'blocked',
    });
    await builds.finish(build, 'test (3)', 'success', { n: 'three' });
    expect((await builds.states(build))['report']).toBe('blocked');
    await builds.finish(build, 'test (5)', 'success', { n: '' });
    expect((await builds.states(build))['report']).toBe('queued');
  });

  test('cancels the other cells when one fails, unless told otherwise', async () => {
    await using builds = await openBuilds();
    const fast = await builds.submit(`jobs: { test: { matrix: { n: [1, 2, 3] }, ${STEPS} } }`);
    await builds.start(fast, 'test (2)');
    await builds.finish(fast, 'test (1)', 'failure');
    expect(await builds.states(fast)).toEqual({
      'test (1)': 'failure',
      'test (2)': 'running',
      'test (3)': 'cancelled',
    });
    expect(await builds.job(fast, 'test (2)')).toMatchObject({
      reason: 'test (1) ended failure, and the matrix is fail-fast',
    });
    await builds.finish(fast, 'test (2)', 'cancelled');
    expect(await builds.build(fast)).toMatchObject({ result: 'failure' });

    const slow = await builds.submit(`jobs: { test: { matrix: { n: [1, 2], fail-fast: false }, ${STEPS} } }`);
    await builds.finish(slow, 'test (1)', 'failure');
    expect(await builds.states(slow)).toEqual({ 'test (1)': 'failure', 'test (2)': 'queued' });
  });

  test('runs so many cells at a time', async () => {
    await using builds = await openBuilds();
    const build = await builds.submit(
      `jobs: { test: { matrix: { n: [1, 2, 3], max-parallel: 2 }, ${STEPS} } }`,
    );
    expect(Object.values(await builds.states(build))).toEqual(['queued', 'queued', 'blocked']);
    await builds.finish(build, 'test (2)', 'success');
    expect(Object.values(await builds.states(build))).toEqual(['queued', 'success', 'queued']);
  });

  test('may be made from what an earlier job found out', async () => {
    await using builds = await openBuilds();
    const build = await builds.submit(`
jobs:
  list: { outputs: { hosts: "\${{ steps.l.outputs.hosts }}" }, runs-on: linux, steps: [{ id: l, run: "true" }] }
  test: { needs: list, matrix: { host: "\${{ fromJSON(needs.list.outputs.hosts) }}" }, ${STEPS} }
  none: { needs: list, matrix: { host: "\${{ fromJSON('[]') }}" }, ${STEPS} }
  last: { needs: [test], ${STEPS} }
`);
    expect(await builds.states(build)).toMatchObject({ test: 'blocked', none: 'blocked' });
    await builds.finish(build, 'list', 'success', { hosts: '["a", "b"]' });
    expect(await builds.states(build)).toEqual({
      list: 'success',
      'test (a)': 'queued',
      'test (b)': 'queued',
      none: 'skipped',
      last: 'blocked',
    });
    await builds.finish(build, 'test (a)', 'success');
    await builds.finish(build, 'test (b)', 'success');
    await builds.finish(build, 'last', 'success');
    expect(await builds.build(build)).toMatchObject({ result: 'success' });
  });

  test('that cannot be made fails its job, with the reason', async () => {
    await using builds = await openBuilds();
    const build = await builds.submit(`
jobs:
  list: { outputs: { hosts: "\${{ steps.l.outputs.hosts }}" }, runs-on: linux, steps: [{ id: l, run: "true" }] }
  test: { needs: list, matrix: { host: "\${{ fromJSON(needs.list.outputs.hosts) }}" }, ${STEPS} }
`);
    await builds.finish(build, 'list', 'success', { hosts: 'not JSON' });
    expect(await builds.job(build, 'test')).toMatchObject({ result: 'failure' });
    expect(await builds.build(build)).toMatchObject({ state: 'finished', result: 'failure' });
  });

  test('is skipped as one job when its needs failed', async () => {
    await using builds = await openBuilds();
    const build = await builds.submit(`
jobs:
  list: { outputs: { hosts: "\${{ steps.l.outputs.hosts }}" }, runs-on: linux, steps: [{ id: l, run: "true" }] }
  test: { needs: list, matrix: { host: "\${{ fromJSON(needs.list.outputs.hosts) }}" }, ${STEPS} }
`);
    await builds.finish(build, 'list', 'failure');
    expect(await builds.states(build)).toEqual({ list: 'failure', test: 'skipped' });
  });

  test('of a hundred cells keeps its order', async () => {
    await using builds = await openBuilds();
    const numbers = Array.from({ length: 100 }, (_, index) => index);
    const build = await builds.submit(`jobs: { test: { matrix: { n: [${numbers.join()}] }, ${STEPS} } }`);
    expect(Object.keys(await builds.states(build))).toEqual(numbers.map((n) => `test (${n})`));
  });
});

describe('a condition of a template, before the matrix is known,', () => {
  const pipeline = `
jobs:
  list: { outputs: { hosts: "\${{ steps.l.outputs.hosts }}" }, runs-on: linux, steps: [{ id: l, run: "true" }] }
  test:
    needs: list
    matrix: { host: "\${{ fromJSON(needs.list.outputs.hosts) }}" }
    uses: ./ci.yaml#unit
    with: { host: "\${{ matrix.host }}", wanted: WANTED }
`;

  test('is left for the cells where it reads the matrix by what its caller gave', async () => {
    await using builds = await openBuilds();
    const build = await builds.submit(pipeline.replace('WANTED', 'true'), {}, unitIf("host == 'b'"));
    await builds.finish(build, 'list', 'success', { hosts: '["a", "b"]' });
    expect(await builds.states(build)).toMatchObject({ 'test (a)': 'skipped', 'test (b)': 'queued' });
  });

  test('is decided at once where it does not, whatever else its caller gave', async () => {
    await using builds = await openBuilds();
    const build = await builds.submit(pipeline.replace('WANTED', 'false'), {}, unitIf('wanted'));
    await builds.finish(build, 'list', 'success', { hosts: '["a", "b"]' });
    expect(await builds.states(build)).toMatchObject({ test: 'skipped' });
  });
});

describe('matrices multiply what was written, within bounds:', () => {
  const cells = `[${Array.from({ length: 256 }, (_, index) => index).join()}]`;
  const wide = (jobs: number, script: string): string =>
    Array.from(
      { length: jobs },
      (_, job) =>
        `  j${job}: { needs: list, matrix: { n: ${cells} }, runs-on: linux, steps: [{ run: "${script}" }] }`,
    ).join('\n');
  const list = `  list: { outputs: { n: "\${{ steps.l.outputs.n }}" }, runs-on: linux, steps: [{ id: l, run: "true" }] }`;

  test('more jobs than a build may have are refused at once', async () => {
    await using builds = await openBuilds();
    await expect(builds.submit(`jobs:\n${list}\n${wide(4, 'true')}`)).rejects.toMatchObject({
      code: 'expression-failed',
      message: expect.stringContaining('1,025 jobs'),
    });
  });

  test('so are cells that are too large together', async () => {
    await using builds = await openBuilds();
    await expect(builds.submit(`jobs:\n${list}\n${wide(3, 'x'.repeat(60_000))}`)).rejects.toMatchObject({
      message: expect.stringContaining('characters in all cells'),
    });
  });

  test('a matrix that an earlier job makes too large fails, and not the controller', async () => {
    await using builds = await openBuilds();
    const late = `  late: { needs: list, matrix: { n: "\${{ fromJSON(needs.list.outputs.n) }}" }, ${STEPS} }`;
    const build = await builds.submit(`jobs:\n${list}\n${wide(3, 'true')}\n${late}`);
    await builds.finish(build, 'list', 'success', { n: cells });
    expect(await builds.job(build, 'late')).toMatchObject({
      result: 'failure',
      reason: expect.stringContaining('1,025 jobs'),
    });
  });
});

test('a job of a template is called by its key until its name is known, and shows nothing of how it came about', async () => {
  await using builds = await openBuilds();
  const build = await builds.submit(
    `
on: { manual: { parameters: { suite: { default: smoke } } } }
jobs:
  first: { ${STEPS} }
  test: { needs: first, name: "the \${{ parameters.suite }}", uses: ./ci.yaml#unit, with: { host: a } }
  odd: { name: "\${{ fromJSON(parameters.suite) }}", uses: ./ci.yaml#unit, with: { host: a } }
`,
    { parameters: { suite: 'smoke' } },
    unitIf('wanted'),
  );
  expect(await builds.job(build, 'test')).toMatchObject({ state: 'blocked', name: 'test' });
  expect(await builds.job(build, 'odd')).toMatchObject({
    result: 'failure',
    name: 'odd',
    reason: expect.stringMatching(/^name: .*fromJSON/),
  });
  await builds.finish(build, 'first', 'success');
  expect(await builds.job(build, 'test')).toMatchObject({ state: 'queued', name: 'the smoke' });
});

test('what a job runs on is not told before it is known', async () => {
  await using builds = await openBuilds();
  const build = await builds.submit(
    `
jobs:
  first: { outputs: { os: "\${{ steps.a.outputs.os }}" }, runs-on: linux, steps: [{ id: a, run: "true" }] }
  next: { needs: first, runs-on: "\${{ needs.first.outputs.os }}", steps: [{ run: "true" }] }
`,
  );
  expect(await builds.job(build, 'next')).toMatchObject({ state: 'blocked', runs_on: '' });
  await builds.finish(build, 'first', 'success', { os: 'arm' });
  expect(await builds.job(build, 'next')).toMatchObject({ state: 'queued', runs_on: 'arm' });
});

/** A file with the template whose job has the condition on one of its parameters. */
function unitIf(condition: string): () => string {
  return () => `
templates:
  unit:
    parameters: { host: {}, wanted: { type: boolean, default: true } }
    job: { if: "parameters.${condition}", ${STEPS} }
`;
}
