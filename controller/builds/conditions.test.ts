import { describe, expect, test } from 'vitest';
import { openBuilds } from './test-support.ts';

const STEPS = 'runs-on: linux, steps: [{ run: "true" }]';

describe('jobs behind a job that', () => {
  const pipeline = `
jobs:
  first: { ${STEPS} }
  next: { needs: first, ${STEPS} }
  far: { needs: next, ${STEPS} }
  cleanup: { needs: next, if: always(), ${STEPS} }
  notify: { needs: far, if: failure(), ${STEPS} }
`;

  test('succeeded run, and those for a failure are skipped', async () => {
    await using builds = await openBuilds();
    const build = await builds.submit(pipeline);
    for (const key of ['first', 'next', 'far', 'cleanup']) await builds.finish(build, key, 'success');
    expect(await builds.states(build)).toMatchObject({ notify: 'skipped' });
    expect(await builds.job(build, 'notify')).toMatchObject({
      reason: 'its condition does not hold: failure()',
    });
    expect(await builds.build(build)).toMatchObject({ state: 'finished', result: 'success' });
  });

  test('failed are skipped with the reason; a failure far up still counts for failure()', async () => {
    await using builds = await openBuilds();
    const build = await builds.submit(pipeline);
    await builds.finish(build, 'first', 'failure');
    expect(await builds.states(build)).toEqual({
      first: 'failure',
      next: 'skipped',
      far: 'skipped',
      cleanup: 'queued',
      notify: 'queued',
    });
    expect(await builds.job(build, 'next')).toMatchObject({ reason: 'it needs first, which ended failure' });
    await builds.finish(build, 'cleanup', 'success');
    await builds.finish(build, 'notify', 'success');
    expect(await builds.build(build)).toMatchObject({
      result: 'failure',
      reason: 'first ended failure: it was a failure',
    });
  });
});

test('a job that its own condition skipped is no failure', async () => {
  await using builds = await openBuilds();
  const build = await builds.submit(`
jobs:
  docs: { if: build.event == 'push', ${STEPS} }
  publish: { needs: docs, ${STEPS} }
  alarm: { needs: docs, if: failure(), ${STEPS} }
  other: { needs: docs, if: "!failure() && !cancelled()", ${STEPS} }
`);
  expect(await builds.states(build)).toEqual({
    docs: 'skipped',
    publish: 'skipped',
    alarm: 'skipped',
    other: 'queued',
  });
  await builds.finish(build, 'other', 'success');
  expect(await builds.build(build)).toMatchObject({ result: 'success' });
});

test('a failure that is allowed spoils neither the build nor what needs the job', async () => {
  await using builds = await openBuilds();
  const build = await builds.submit(`
jobs:
  shaky: { continue-on-error: true, ${STEPS} }
  next: { needs: shaky, if: "success() && needs.shaky.result == 'failure'", ${STEPS} }
`);
  await builds.finish(build, 'shaky', 'failure');
  await builds.finish(build, 'next', 'success');
  expect(await builds.states(build)).toEqual({ shaky: 'failure', next: 'success' });
  expect(await builds.build(build)).toMatchObject({ result: 'success', reason: null });
});

test('outputs and parameters are seen by what runs later; an expression that fails fails its job alone', async () => {
  await using builds = await openBuilds();
  const build = await builds.submit(
    `
on: { manual: { parameters: { suite: { default: smoke } } } }
env: { SUITE: "\${{ parameters.suite }}" }
jobs:
  first:
    outputs: { label: "\${{ steps.one.outputs.label }}" }
    runs-on: linux
    steps: [{ id: one, run: "true" }]
  next:
    needs: first
    env: { FROM: "\${{ needs.first.outputs.label }}/\${{ env.SUITE }}" }
    runs-on: "\${{ needs.first.outputs.label }}"
    steps: [{ run: "true" }]
  broken:
    needs: first
    env: { X: "\${{ fromJSON(needs.first.outputs.label) }}" }
    ${STEPS.replace(', ', '\n    ')}
`,
    { parameters: { suite: 'nightly' } },
  );
  await builds.finish(build, 'first', 'success', { label: 'arm' });
  expect(await builds.job(build, 'next')).toMatchObject({
    state: 'queued',
    runs_on: 'arm',
    resolved: { env: { FROM: 'arm/nightly' } },
  });
  expect(await builds.job(build, 'broken')).toMatchObject({ state: 'finished', result: 'failure' });
});

test('text that an earlier job made is never read as an expression', async () => {
  await using builds = await openBuilds();
  const build = await builds.submit(`
jobs:
  first:
    outputs: { text: "\${{ steps.one.outputs.text }}" }
    runs-on: linux
    steps: [{ id: one, run: "true" }]
  next:
    needs: first
    env: { TEXT: "\${{ needs.first.outputs.text }}" }
    ${STEPS.replace(', ', '\n    ')}
`);
  await builds.finish(build, 'first', 'success', { text: '${{ secrets.TOKEN }}' });
  expect(await builds.job(build, 'next')).toMatchObject({
    resolved: { env: { TEXT: '${{ secrets.TOKEN }}' } },
  });
});
