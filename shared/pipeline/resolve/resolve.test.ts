import { describe, expect, test } from 'vitest';
import { HashNeeded, type Contexts } from '#shared/expressions';
import {
  resolveArtifact,
  resolveConcurrency,
  resolveEnv,
  resolveJob,
  resolveOutputs,
  resolveReports,
  resolveStep,
  type Job,
  type Step,
} from '#shared/pipeline';
import { JOB, STEP, expectFailure } from './test-support.ts';

/** `evil` is what a step of an earlier job wrote. */
function evil(value: unknown): Contexts {
  return { needs: { a: { outputs: { x: value as string } } } };
}
const EVIL = '${{ needs.a.outputs.x }}';

describe('resolveJob', () => {
  test('evaluates its templates, with its own variables among them', () => {
    const job: Job = {
      ...JOB,
      name: '${{ matrix.os }} of ${{ env.WHO }}',
      runsOn: '${{ matrix.os }} && !${{ env.NOT }}',
      env: { NOT: '${{ parameters.not }}', OWN: '${{ env.WHO }}' },
      timeoutMs: '${{ parameters.minutes }}m',
      continueOnError: " ${{ matrix.os == 'deb' }}\n",
      concurrency: { group: 'g-${{ env.NOT }}', limit: 2, cancelInProgress: '${{ true }}' },
    };
    const contexts = { env: { WHO: 'us' }, parameters: { not: 'arm', minutes: 90 }, matrix: { os: 'deb' } };
    expect(resolveJob(job, contexts)).toEqual({
      name: 'deb of us',
      runsOn: 'deb && !arm',
      env: { NOT: 'arm', OWN: 'us' },
      timeoutMs: 5_400_000,
      continueOnError: true,
      concurrency: { group: 'g-arm', limit: 2, cancelInProgress: true },
    });
  });

  test('without templates it is as it was written', () => {
    expect(resolveJob(JOB, {})).toMatchObject({
      name: 'test',
      runsOn: 'linux',
      timeoutMs: 1000,
      concurrency: null,
    });
  });

  test.each<[string, Partial<Job>, unknown]>([
    ['runs-on', { runsOn: EVIL }, ''],
    ['runs-on', { runsOn: EVIL }, 'linux &&'],
    ['runs-on', { runsOn: EVIL }, '${{ x }}'],
    ['runs-on', { runsOn: EVIL }, ['linux']],
    ['timeout', { timeoutMs: EVIL }, '90'],
    ['timeout', { timeoutMs: EVIL }, '0s'],
    ['timeout', { timeoutMs: EVIL }, '99999d'],
    ['continue-on-error', { continueOnError: EVIL }, 'yes'],
    ['env.A', { env: { A: EVIL } }, 'a\0b'],
    ['env.A', { env: { A: EVIL } }, 'x'.repeat(130_000)],
    ['env', { env: { A: EVIL, B: EVIL, C: EVIL } }, 'x'.repeat(100_000)],
    ['env.A', { env: { A: "${{ fromJSON('x') }}" } }, ''],
    ['concurrency.group', { concurrency: { group: EVIL, limit: 1, cancelInProgress: false } }, ''],
  ])('refuses a %s that %j made of %.20j', (field, job, value) => {
    expectFailure(() => resolveJob({ ...JOB, ...job }, evil(value)), field);
  });
});

test.each([
  ['two\nlines', 'two lines'],
  [' ', 'test'],
  ['x'.repeat(201), `${'x'.repeat(199)}…`],
  ['a\0b', 'a b'],
  ['${{ x }}', '${{ x }}'],
])('a name is for people: %.20j is shown as %.20j, and stops no job', (value, shown) => {
  expect(resolveJob({ ...JOB, name: EVIL }, evil(value)).name).toBe(shown);
});

describe('resolveStep', () => {
  test('a script', () => {
    const step: Step = {
      ...STEP,
      name: 'for ${{ matrix.os }}',
      run: 'echo ${{ steps.a.outputs.b }}\n',
      env: { TOKEN: '${{ secrets.TOKEN }}' },
      timeoutMs: '${{ parameters.t }}',
      workingDirectory: './${{ matrix.os }}/',
    };
    const contexts = {
      matrix: { os: 'deb' },
      steps: { a: { outputs: { b: '${{ secrets.TOKEN }}' } } },
      parameters: { t: '5m' },
      secrets: { TOKEN: 'hunter2' },
    };
    expect(resolveStep(step, contexts)).toEqual({
      kind: 'run',
      name: 'for deb',
      run: 'echo ${{ secrets.TOKEN }}\n',
      shell: 'sh',
      env: { TOKEN: 'hunter2' },
      continueOnError: false,
      timeoutMs: 300_000,
      workingDirectory: 'deb',
    });
  });

  test('a reboot', () => {
    const step: Step = { ...STEP, kind: 'reboot', timeoutMs: EVIL };
    expect(resolveStep(step, evil('90s'))).toMatchObject({ kind: 'reboot', timeoutMs: 90_000 });
    expectFailure(() => resolveStep(step, evil('0s')), 'reboot.timeout is "0s"');
  });

  test('a secret reaches nothing but the environment and the credentials', () => {
    const secrets = { secrets: { A: 'hunter2' } };
    const step: Step = {
      ...STEP,
      name: 'x${{ secrets.A }}',
      run: 'x${{ secrets.A }}${{ env.A }}',
      env: { A: '${{ secrets.A }}' },
    };
    expect(resolveStep(step, secrets)).toMatchObject({ name: 'x', run: 'x', env: { A: 'hunter2' } });
  });

  test('the workspace itself is no working directory', () => {
    expect(resolveStep({ ...STEP, workingDirectory: EVIL }, evil('./.'))).not.toHaveProperty(
      'workingDirectory',
    );
  });

  test('a checkout', () => {
    const step: Step = {
      ...STEP,
      kind: 'checkout',
      checkout: {
        repository: 'https://h/${{ parameters.r }}',
        ref: '${{ build.ref }}',
        depth: 1,
        submodules: false,
        lfs: true,
        token: '${{ secrets.T }}',
      },
    };
    const contexts = { parameters: { r: 'x.git' }, build: { ref: 'refs/pull/7/head' }, secrets: { T: 't' } };
    expect(resolveStep(step, contexts)).toMatchObject({
      checkout: {
        repository: 'https://h/x.git',
        ref: 'refs/pull/7/head',
        depth: 1,
        submodules: false,
        lfs: true,
        token: 't',
      },
    });
  });

  test('a cache, which waits for a hash', () => {
    const step: Step = {
      ...STEP,
      kind: 'cache',
      cache: { key: "npm-${{ hashFiles('a') }}", restoreKeys: ['npm-'], paths: ['~/.npm'] },
    };
    expect(() => resolveStep(step, {}, { hashFiles: () => undefined })).toThrow(HashNeeded);
    expect(resolveStep(step, {}, { hashFiles: () => 'f00' })).toMatchObject({
      cache: { key: 'npm-f00', restoreKeys: ['npm-'], paths: ['~/.npm'] },
    });
  });

  const snapshot = { stream: EVIL, verify: [], keep: 3, promote: { how: 'auto' } } as const;
  test('a snapshot, whose stream may be one that only the controller can name', () => {
    const step: Step = { ...STEP, kind: 'snapshot', snapshot: { ...snapshot, verify: [] } };
    expect(resolveStep(step, evil('base-deb.12_x'))).toMatchObject({
      kind: 'snapshot',
      snapshot: { stream: 'base-deb.12_x', verify: [], keep: 3, promote: { how: 'auto' } },
    });
    const prepared: Step = { ...step, snapshot: { ...step.snapshot, stream: 'prepared/f00' } };
    expect(resolveStep(prepared, {})).toMatchObject({ snapshot: { stream: 'prepared/f00' } });
  });

  test.each(['', 'Ubuntu', 'prepared/f00', '../x', '.x', 'a b', 'x'.repeat(65), '${{ x }}'])(
    'refuses a stream that is called %j',
    (name) => {
      const step: Step = { ...STEP, kind: 'snapshot', snapshot: { ...snapshot, verify: [] } };
      expectFailure(() => resolveStep(step, evil(name)), 'snapshot.stream');
    },
  );

  test('a hold, whose reason is one line however it comes out, or none', () => {
    const keys = ['@bob'];
    const step: Step = { ...STEP, kind: 'hold', hold: { forMs: 1, reason: `x ${EVIL}`, keys } };
    expect(resolveStep(step, evil('a\nb'))).toMatchObject({ hold: { forMs: 1, reason: 'x a b', keys } });
    const empty: Step = { ...step, hold: { reason: EVIL, keys } };
    expect(resolveStep(empty, evil(''))).toMatchObject({ hold: { keys } });
    expect(resolveStep(empty, evil(''))).not.toHaveProperty('hold.reason');
  });

  test('what is taken from another job', () => {
    const fetch = { from: 'build', artifact: 'bin-${{ matrix.os }}', path: './in/${{ matrix.os }}/' };
    const contexts = { matrix: { os: 'deb' } };
    expect(resolveStep({ ...STEP, kind: 'fetch', fetch }, contexts)).toMatchObject({
      fetch: { from: 'build', artifact: 'bin-deb', path: 'in/deb' },
    });
    const all = resolveStep({ ...STEP, kind: 'fetch', fetch: { from: 'build', path: '.' } }, {});
    expect(all).toHaveProperty('fetch', { from: 'build' });
  });

  const checkout = { submodules: false, lfs: false };
  const cache = { key: 'k', restoreKeys: [], paths: ['p'] };
  test.each<[string, Step, string]>([
    ['working-directory', { ...STEP, workingDirectory: EVIL }, '../x'],
    ['working-directory', { ...STEP, workingDirectory: EVIL }, '/etc'],
    ['working-directory', { ...STEP, workingDirectory: `a/${EVIL}` }, '../../x'],
    ['run', { ...STEP, run: EVIL }, 'x'.repeat(131_073)],
    ['run', { ...STEP, run: EVIL }, '\0'],
    ['checkout.ref', { ...STEP, kind: 'checkout', checkout: { ...checkout, ref: EVIL } }, '--upload-pack=x'],
    ['checkout.repository', { ...STEP, kind: 'checkout', checkout: { ...checkout, repository: EVIL } }, '-x'],
    ['checkout.path', { ...STEP, kind: 'checkout', checkout: { ...checkout, path: EVIL } }, '../x'],
    ['cache.key', { ...STEP, kind: 'cache', cache: { ...cache, key: EVIL } }, ''],
    ['cache.key', { ...STEP, kind: 'cache', cache: { ...cache, key: EVIL } }, 'x'.repeat(513)],
    ['cache.paths', { ...STEP, kind: 'cache', cache: { ...cache, paths: [EVIL] } }, '~/../x'],
    ['cache.paths', { ...STEP, kind: 'cache', cache: { ...cache, paths: [EVIL] } }, '/etc'],
    ['artifacts.path', { ...STEP, kind: 'fetch', fetch: { from: 'a', path: EVIL } }, '../x'],
    ['artifacts.path', { ...STEP, kind: 'fetch', fetch: { from: 'a', path: EVIL } }, 'a\\b'],
    ['name of the artifact', { ...STEP, kind: 'fetch', fetch: { from: 'a', artifact: EVIL } }, '../x'],
    ['name of the artifact', { ...STEP, kind: 'fetch', fetch: { from: 'a', artifact: EVIL } }, ''],
  ])('refuses a %s that leaves what it may be', (field, step, value) => {
    expectFailure(() => resolveStep(step, evil(value)), field);
  });
});

describe('resolveArtifact and resolveOutputs', () => {
  const artifact = {
    name: 'logs-${{ matrix.os }}',
    paths: ['${{ matrix.os }}/**'],
    exclude: [],
    when: 'always',
    ifEmpty: 'warn',
  } as const;

  test('evaluate their templates', () => {
    const contexts = { matrix: { os: 'deb' }, steps: { a: { outputs: {} } } };
    expect(
      resolveArtifact({ ...artifact, paths: [...artifact.paths], exclude: [] }, JOB, contexts),
    ).toMatchObject({ name: 'logs-deb', paths: ['deb/**'] });
    const outputs = { a: '${{ matrix.os }}!', b: '${{ steps.a.outputs.none }}' };
    expect(resolveOutputs({ ...JOB, outputs }, contexts)).toEqual({ a: 'deb!', b: '' });
  });

  test('an artifact from before there were archives is none', () => {
    expect(resolveArtifact({ ...artifact, name: 'a', paths: ['a'], exclude: [] }, JOB, {}).archive).toBe(
      false,
    );
  });

  test('reports are evaluated like paths, and a job without any has no globs', () => {
    const reports = { junit: ['out/${{ matrix.os }}/*.xml'] };
    const contexts = { matrix: { os: 'deb' } };
    expect(resolveReports({ reports }, contexts)).toEqual({ junit: ['out/deb/*.xml'] });
    expect(resolveReports({}, contexts)).toEqual({ junit: [] });
    expectFailure(() => resolveReports({ reports: { junit: [EVIL] } }, evil('../x')), 'reports.junit');
  });

  test.each(['../x', '/etc/*', '{a,../b}', '!x', ''])('refuse the glob %j', (os) => {
    const globs = { ...artifact, name: 'a', paths: ['${{ matrix.os }}'], exclude: [] };
    expectFailure(() => resolveArtifact(globs, JOB, { matrix: { os } }), 'paths');
  });

  test.each(['a/b', '..', '', 'a\nb'])('refuse the name %j', (os) => {
    const named = { ...artifact, name: '${{ matrix.os }}', paths: ['a'], exclude: [] };
    expectFailure(() => resolveArtifact(named, JOB, { matrix: { os } }), 'name');
  });

  test.each([
    ['of 64 KiB and more', ['o'], 65_537, 'outputs.o'],
    ['of 256 KiB and more together', ['a', 'b', 'c', 'd', 'e'], 60_000, 'outputs'],
  ])('refuse outputs %s', (_, names, length, field) => {
    const outputs = Object.fromEntries(names.map((name) => [name, EVIL]));
    expectFailure(() => resolveOutputs({ ...JOB, outputs }, evil('x'.repeat(length))), field);
  });
});

test('resolveEnv and resolveConcurrency, of a pipeline', () => {
  const contexts = { parameters: { branch: 'main' }, env: { A: 'a' } };
  expect(resolveEnv({ A: '${{ parameters.branch }}', B: 'b' }, contexts)).toEqual({ A: 'main', B: 'b' });
  expect(
    resolveConcurrency({ group: 'x-${{ parameters.branch }}', limit: 1, cancelInProgress: false }, contexts),
  ).toEqual({
    group: 'x-main',
    limit: 1,
    cancelInProgress: false,
  });
});
