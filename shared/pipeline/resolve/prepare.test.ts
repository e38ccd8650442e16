import { describe, expect, test } from 'vitest';
import {
  parsePipeline,
  planOf,
  readsSource,
  resolvePrepare,
  secretsOfJob,
  type Job,
  type Prepare,
} from '#shared/pipeline';
import { JOB, STEP, expectFailure } from './test-support.ts';

const PREPARE: Prepare = {
  files: [],
  ttlMs: 1000,
  maxStaleMs: 0,
  onMiss: 'wait',
  layers: false,
  steps: [STEP],
};

describe('resolvePrepare', () => {
  test('puts every value in its place', () => {
    const steps: Prepare['steps'] = [
      { ...STEP, run: './tools.sh ${{ matrix.os }}', env: { MIRROR: '${{ env.MIRROR }}/a' } },
      {
        ...STEP,
        kind: 'checkout',
        name: 'source of ${{ parameters.branch }}',
        checkout: { submodules: false, lfs: false, ref: '${{ parameters.branch }}' },
      },
    ];
    const job: Job = { ...JOB, prepare: { ...PREPARE, key: 'x-${{ matrix.os }}', steps } };
    const contexts = { matrix: { os: 'deb' }, parameters: { branch: 'main' }, env: { MIRROR: 'http://m' } };
    expect(resolvePrepare(job, contexts)).toEqual({
      key: 'x-deb',
      steps: [
        {
          kind: 'run',
          name: 'test',
          run: './tools.sh deb',
          shell: 'sh',
          env: { MIRROR: 'http://m/a' },
          continueOnError: false,
        },
        {
          kind: 'checkout',
          name: 'source of main',
          checkout: { submodules: false, lfs: false, ref: 'main' },
          env: {},
          continueOnError: false,
        },
      ],
    });
  });

  test('has no key where none is declared, and no steps where nothing is prepared', () => {
    expect(resolvePrepare({ ...JOB, prepare: PREPARE }, {})).toMatchObject({
      key: null,
      steps: [{ run: 'true' }],
    });
    expect(resolvePrepare(JOB, {})).toEqual({ key: null, steps: [] });
  });

  test('in a template, parameters are what the template was given', () => {
    const parsed = parsePipeline(USER, 'ci.yaml', { include: () => TEMPLATE });
    if (!parsed.ok) throw new Error(parsed.problems[0]?.message);
    const [job = JOB] = parsed.pipeline.jobs;
    const contexts = { parameters: { release: 39, os: 'other' }, matrix: {} };
    expect(resolvePrepare(job, contexts)).toMatchObject({
      key: 'tools-fedora39',
      steps: [{ run: './tools.sh fedora39' }],
    });
  });

  test.each([
    ['is empty', ''],
    ['has two lines', 'a\nb'],
    ['is too long', 'x'.repeat(513)],
    ['looks like a template', '${{ x }}'],
  ])('refuses a key that %s', (_, os) => {
    const job = { ...JOB, prepare: { ...PREPARE, key: '${{ matrix.os }}' } };
    expectFailure(() => resolvePrepare(job, { matrix: { os } }), 'prepare.key');
  });

  test('refuses a ref that git could take for an option', () => {
    const checkout = { submodules: false, lfs: false, ref: '${{ matrix.os }}' };
    const job: Job = { ...JOB, prepare: { ...PREPARE, steps: [{ ...STEP, kind: 'checkout', checkout }] } };
    expectFailure(() => resolvePrepare(job, { matrix: { os: '-x' } }), 'checkout.ref');
  });
});

const USER = `
on: { manual: { parameters: { release: 1, os: none } } }
jobs: { test: { uses: "./t.yaml#test", with: { os: "fedora\${{ parameters.release }}" } } }
`;
const TEMPLATE = `
templates:
  test:
    parameters: { os: { type: string } }
    job:
      runs-on: linux
      prepare: { key: "tools-\${{ parameters.os }}", steps: [{ run: "./tools.sh \${{ parameters.os }}" }] }
      steps: [{ run: make }]
`;

test('a plan shows what is prepared first, and what verifies the image last', () => {
  const [job] = planOf(read(ALL), {}).jobs;
  expect(job?.steps).toEqual([
    { phase: 'prepare', name: './tools.sh' },
    { phase: 'main', name: 'make' },
    { phase: 'success', name: 'snapshot ubuntu' },
    { phase: 'verify', name: 'make --version' },
  ]);
});

const ALL = `
jobs:
  base:
    runs-on: linux
    prepare: { steps: [{ run: ./tools.sh }] }
    steps: [{ run: make }]
    post: { success: [{ snapshot: { stream: ubuntu, verify: [{ run: make --version }] } }] }
`;

test('secretsOfJob names those of steps that prepare and verify, too', () => {
  const secret = { ...STEP, env: { A: '${{ secrets.A }}' } };
  const snapshot = { stream: 'a', verify: [secret], keep: 2, promote: { how: 'auto' } } as const;
  const post = { timeoutMs: 1, steps: [{ when: 'success', step: { ...STEP, kind: 'snapshot', snapshot } }] };
  const other = { ...STEP, env: { B: '${{ secrets.B }}' } };
  const job = { ...JOB, prepare: { ...PREPARE, steps: [other] }, post } as Job;
  expect(secretsOfJob(job)).toEqual(['A', 'B']);
});

test('a build brings its source along for what a job checks out, and for files that an image depends on', () => {
  const own: Job['steps'] = [{ ...STEP, kind: 'checkout', checkout: { submodules: false, lfs: false } }];
  const others: Job['steps'] = [
    { ...STEP, kind: 'checkout', checkout: { submodules: false, lfs: false, repository: 'https://h/r' } },
  ];
  expect(readsSource({ ...JOB, steps: own })).toBe(true);
  expect(readsSource({ ...JOB, prepare: { ...PREPARE, steps: own } })).toBe(true);
  expect(readsSource({ ...JOB, prepare: { ...PREPARE, files: ['go.sum'] } })).toBe(true);
  expect(readsSource({ ...JOB, steps: others, prepare: PREPARE })).toBe(false);
});

function read(source: string): Parameters<typeof planOf>[0] {
  const parsed = parsePipeline(source, 'ci.yaml');
  if (!parsed.ok) throw new Error(parsed.problems[0]?.message);
  return parsed.pipeline;
}
