import type { Build, Job, Step } from '#controller/api';

/** A build as the API shows it, of these jobs. For tests. */
export function buildOf(jobs: Job[]): Build {
  return {
    id: 'b',
    number: 1,
    pipeline: 'ci',
    file: 'ci.yaml',
    state: 'finished',
    result: 'success',
    reason: null,
    source: null,
    projectId: null,
    trigger: { event: 'manual' },
    parameters: {},
    trust: 'trusted',
    concurrencyGroup: null,
    rerunOf: null,
    cancelRequested: false,
    pinned: null,
    createdAt: 0,
    startedAt: 1,
    finishedAt: 2,
    tests: null,
    jobs,
  };
}

export function jobOf(job: Partial<Job>): Job {
  return {
    id: 'j',
    buildId: 'b',
    key: 'test',
    base: 'test',
    matrix: null,
    name: 'test',
    state: 'blocked',
    stateSince: 0,
    result: null,
    reason: null,
    runsOn: 'linux',
    needs: [],
    attempt: 1,
    superseded: false,
    notBefore: null,
    priority: 50,
    continueOnError: false,
    concurrencyGroup: null,
    purpose: 'job',
    preparation: null,
    hold: null,
    reusedFrom: null,
    outputs: {},
    cancelRequested: false,
    queuedAt: null,
    startedAt: null,
    finishedAt: null,
    artifacts: [],
    tests: null,
    steps: [],
    ...job,
  };
}

export function stepOf(step: Partial<Step>): Step {
  return {
    id: 's',
    position: 0,
    phase: 'main',
    name: 'make',
    state: 'pending',
    result: null,
    exitCode: null,
    signal: null,
    message: null,
    continueOnError: false,
    logBytes: 0,
    logLines: 0,
    startedAt: null,
    finishedAt: null,
    ...step,
  };
}
