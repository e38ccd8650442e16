import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { BuildView } from '#test/api-client';
import { startEmbeddedController, type EmbeddedController } from '#test/embedded-controller';
import { stepNamed } from '#test/pipelines';

let controller: EmbeddedController;

beforeAll(async () => {
  controller = await startEmbeddedController(`
timeouts: { cancel-grace: 1s }
clouds: { local: { kind: process, max-nodes: 4, templates: { host: { labels: linux } } } }
`);
});

afterAll(() => controller.dispose());

describe('conditions of steps', () => {
  test('decide after a failure, and see how earlier steps ended', async () => {
    const build = await run(`
      - { name: bad, id: bad, run: exit 3 }
      - { name: usual, run: "true" }
      - { name: always, if: always(), run: 'echo "\${{ steps.bad.outcome }} \${{ steps.bad.exit-code }} \${{ job.status }}"' }
      - { name: rescue, if: "failure() && steps.bad.exit-code == 3", run: echo rescued }
      - { name: other, if: success(), run: "true" }`);
    expect(results(build)).toEqual({
      bad: 'failure',
      usual: 'skipped',
      always: 'success',
      rescue: 'success',
      other: 'skipped',
    });
    expect(await logOf(build, 'always')).toBe('failure 3 failure\n');
    expect(build).toMatchObject({ result: 'failure', jobs: [{ reason: 'step bad exited with 3' }] });
  });

  test('a failure that is allowed changes nothing for the others', async () => {
    const build = await run(`
      - { name: shaky, id: shaky, continue-on-error: true, run: exit 1 }
      - { name: next, run: 'echo "\${{ steps.shaky.outcome }} \${{ steps.shaky.conclusion }}"' }`);
    expect(await logOf(build, 'next')).toBe('failure success\n');
    expect(build.result).toBe('success');
  });

  test('what cannot be evaluated fails its step with a sentence', async () => {
    const build = await run(`
      - { name: odd, env: { X: "\${{ fromJSON('{') }}" }, run: "true" }
      - { name: after, if: always(), run: "true" }`);
    expect(results(build)).toEqual({ odd: 'failure', after: 'success' });
    expect(stepNamed(build, 'odd').message).toMatch(/^step odd: .*JSON/);
  });

  test('digests of files are those of the workspace at that moment', async () => {
    const build = await run(`
      - { name: none, run: 'echo "[\${{ hashFiles(''lock*'') }}]"' }
      - { name: write, run: 'printf one > lock.a; printf two > lock.b' }
      - { name: both, run: 'echo "\${{ hashFiles(''lock.*'') }}"' }
      - { name: one, run: 'echo "\${{ hashFiles(''lock.*'', ''!lock.b'') }}"' }
      - { name: change, run: 'printf three > lock.b' }
      - { name: again, run: 'echo "\${{ hashFiles(''lock.*'') }}"' }`);
    const logs = await Promise.all(['none', 'both', 'one', 'again'].map((step) => logOf(build, step)));
    expect(logs[0]).toBe('[]\n');
    for (const log of logs.slice(1)) expect(log).toMatch(/^[0-9a-f]{64}\n$/);
    expect(new Set(logs).size).toBe(4);
  });
});

describe('the shell of a step', () => {
  test('is any command line; the file of the script stands at {0}, or comes last', async () => {
    const build = await run(`
      - { name: perl, shell: perl, run: 'print "perl ", 6 * 7, "\\n";' }
      - { name: placed, shell: 'env LEVEL="two words" sh {0} tail', run: 'echo "$LEVEL $1"' }`);
    expect(await logOf(build, 'perl')).toBe('perl 42\n');
    expect(await logOf(build, 'placed')).toBe('two words tail\n');
  });

  test('that the node lacks fails the step with a sentence', async () => {
    const build = await run('\n      - { name: lost, shell: no-such-shell, run: x }');
    expect(stepNamed(build, 'lost').message).toContain('this node has no no-such-shell in its PATH');
  });
});

describe('post steps', () => {
  const POST = `
    post:
      always: [{ name: collect, run: 'echo "collected \${{ job.status }}"; ls' }]
      success: [{ name: cheer, run: "true" }]
      failure: [{ name: mourn, run: "true" }]
      cancelled: [{ name: shrug, run: "true" }]`;

  test('run by result, after the steps', async () => {
    expect(results(await run('\n      - { name: do, run: touch made }', POST))).toEqual({
      do: 'success',
      collect: 'success',
      cheer: 'success',
      mourn: 'skipped',
      shrug: 'skipped',
    });
    expect(results(await run('\n      - { name: do, run: "false" }', POST))).toMatchObject({
      collect: 'success',
      cheer: 'skipped',
      mourn: 'success',
    });
  });

  test('run after a timeout of the job, and count as after a failure', async () => {
    const build = await run('\n      - { name: do, run: sleep 600 }', `\n    timeout: 1s${POST}`);
    expect(results(build)).toMatchObject({ do: 'timed-out', collect: 'success', mourn: 'success' });
    expect(build.result).toBe('timed-out');
  });

  test('run after a cancel; forced, everything ends at once', async () => {
    const graceful = await begun(POST);
    await controller.api.post(`/builds/${graceful.id}/cancel`, {});
    const ended = await controller.api.finished(graceful.id);
    expect(results(ended)).toMatchObject({ do: 'cancelled', collect: 'success', shrug: 'success' });
    expect(ended.result).toBe('cancelled');

    const forced = await begun(POST);
    await controller.api.post(`/builds/${forced.id}/cancel`, { force: true });
    const over = await controller.api.finished(forced.id);
    expect(results(over)).toMatchObject({ do: 'cancelled', collect: 'skipped', shrug: 'skipped' });
  });

  test('a cancel after a failure leaves the failure', async () => {
    const { id } = await controller.api.submit(
      source(
        '\n      - { name: bad, run: exit 3 }\n      - { name: do, if: always(), run: "echo begun; sleep 600" }',
        '',
      ),
    );
    const { id: step } = stepNamed(await controller.api.build(id), 'do');
    await controller.api.logged(step, 'begun');
    await controller.api.post(`/builds/${id}/cancel`, {});
    const build = await controller.api.finished(id);
    expect(results(build)).toEqual({ bad: 'failure', do: 'cancelled' });
    expect(build.jobs[0]).toMatchObject({ result: 'failure', reason: 'step bad exited with 3' });
  });

  test('have a time budget of their own', async () => {
    const build = await run(
      '\n      - { name: do, run: "true" }',
      '\n    post: { timeout: 3s, always: [{ name: slow, run: sleep 600 }, { name: later, run: "true" }] }',
    );
    expect(stepNamed(build, 'slow')).toMatchObject({ result: 'timed-out' });
    expect(build.jobs[0]).toMatchObject({
      result: 'failure',
      reason: 'after its steps: its post steps took longer than 3s',
    });
  });

  test('a failing one fails a job that had succeeded, unless that is allowed', async () => {
    const bad = await run(
      '\n      - { name: do, run: "true" }',
      '\n    post: { always: [{ name: bad, run: exit 4 }] }',
    );
    expect(bad.jobs[0]).toMatchObject({
      result: 'failure',
      reason: 'after its steps: step bad exited with 4',
    });
    const allowed = await run(
      '\n      - { name: do, run: "true" }',
      '\n    post: { always: [{ name: bad, continue-on-error: true, run: exit 4 }] }',
    );
    expect(allowed.result).toBe('success');
  });

  test('for a change run when the result is another than before', async () => {
    const told: (string | null)[] = [];
    for (const script of ['true', 'true', 'false', 'false', 'true']) {
      const { id } = await controller.api.submit(changing(script));
      told.push(stepNamed(await controller.api.finished(id), 'tell').result);
    }
    expect(told).toEqual(['skipped', 'skipped', 'success', 'skipped', 'success']);
  });
});

async function begun(post: string): Promise<BuildView> {
  const { id } = await controller.api.submit(
    source('\n      - { name: do, run: "echo begun; sleep 600" }', post),
  );
  const build = await controller.api.build(id);
  await controller.api.logged(stepNamed(build, 'do').id, 'begun');
  return build;
}

async function run(steps: string, rest = ''): Promise<BuildView> {
  const { id } = await controller.api.submit(source(steps, rest));
  return controller.api.finished(id);
}

function source(steps: string, rest: string): string {
  return `jobs:\n  a:\n    runs-on: linux\n    steps:${steps}${rest}\n`;
}

function results(build: BuildView): Record<string, string | null> {
  return Object.fromEntries(
    build.jobs.flatMap(({ steps }) => steps.map(({ name, result }) => [name, result])),
  );
}

function logOf(build: BuildView, step: string): Promise<string> {
  return controller.api.log(stepNamed(build, step).id);
}

function changing(script: string): string {
  return `
name: changing
jobs: { a: { runs-on: linux, steps: [{ run: "${script}" }], post: { changed: [{ name: tell, run: "true" }] } } }`;
}
