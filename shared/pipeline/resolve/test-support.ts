import { expect } from 'vitest';
import type { Job, ResolvedStep, Step } from '#shared/pipeline';

/** Parts as short as they may be. */
export const STEP = {
  kind: 'run',
  name: 'test',
  run: 'true',
  shell: 'sh',
  conditions: [],
  env: {},
  continueOnError: false,
} satisfies Step;

export const JOB: Job = {
  id: 'test',
  name: 'test',
  runsOn: 'linux',
  needs: [],
  conditions: [],
  env: {},
  timeoutMs: 1000,
  continueOnError: false,
  priority: 50,
  outputs: {},
  steps: [STEP],
  post: { timeoutMs: 1000, steps: [] },
  artifacts: [],
};

export function expectFailure(run: () => unknown, field: string): void {
  expect(run).toThrow(
    expect.objectContaining({ code: 'expression-failed', message: expect.stringContaining(field) }),
  );
}

export function asRun(step: ResolvedStep): ResolvedStep & { kind: 'run' } {
  if (step.kind !== 'run') throw new Error(`the step is a ${step.kind}`);
  return step;
}
