import { describe, expect, test } from 'vitest';
import {
  conditionsHold,
  resolveStep,
  secretsOfJob,
  type Binding,
  type Condition,
  type Job,
} from '#shared/pipeline';
import { JOB, STEP, asRun, expectFailure } from './test-support.ts';

describe('a binding', () => {
  const outer: Binding = {
    parameters: { os: { type: 'string' } },
    values: { os: '${{ parameters.base }}-12' },
  };
  const binding: Binding = {
    parameters: {
      os: { type: 'string' },
      n: { type: 'number' },
      on: { type: 'boolean', default: true },
      raw: { type: 'string', default: '${{ x' },
    },
    values: { os: '${{ parameters.os }}!', n: '${{ matrix.n }}' },
    outer,
  };
  const contexts = { parameters: { base: 'deb' }, matrix: { n: '3' } };

  test('makes parameters those of the template, evaluated where each caller stands, with their types', () => {
    const run = '${{ toJSON(parameters) }}';
    const { run: text } = asRun(resolveStep({ ...STEP, run, binding }, contexts));
    expect(JSON.parse(text)).toEqual({ os: 'deb-12!', n: 3, on: true, raw: '${{ x' });
  });

  test('refuses a value of another type', () => {
    expectFailure(
      () => resolveStep({ ...STEP, binding }, { ...contexts, matrix: { n: 'three' } }),
      'n takes a number',
    );
  });

  test('belongs to each condition by itself', () => {
    const conditions: Condition[] = [
      { text: "parameters.base == 'deb'" },
      { text: "parameters.os == 'deb-12!'", binding },
    ];
    expect(conditionsHold(conditions, contexts, 'success')).toBe(true);
    expect(conditionsHold([{ text: 'parameters.base', binding }], contexts, 'success')).toBe(false);
  });
});

test('secretsOfJob names each secret once, of every step, sorted', () => {
  const job: Job = {
    ...JOB,
    steps: [
      { ...STEP, env: { A: '${{ secrets.B }}:${{ secrets.A }}', C: 'secrets.NOT' } },
      {
        ...STEP,
        kind: 'checkout',
        checkout: { submodules: false, lfs: false, token: "${{ secrets['D'] }}", sshKey: '${{ secrets.A }}' },
      },
    ],
    post: {
      timeoutMs: 1,
      steps: [{ when: 'always', step: { ...STEP, env: { A: "${{ format('{0}', secrets.C) }}" } } }],
    },
  };
  expect(secretsOfJob(job)).toEqual(['A', 'B', 'C', 'D']);
});
