import { newId, type Step } from '#controller/store';
import type { Promotion, Step as StepSpec } from '#shared/pipeline';

/** A step that looks at a node of a version. */
export const LOOK: StepSpec = {
  kind: 'run',
  name: 'look',
  run: 'look',
  shell: 'bash',
  conditions: [],
  env: {},
  continueOnError: false,
};

/** A snapshot that has begun. */
export function snapshotStep(
  jobId: string,
  snapshot: { stream: string; verify: StepSpec[] | null; keep: number; promote: Promotion },
  continueOnError: boolean,
): Step {
  const spec: StepSpec = {
    kind: 'snapshot',
    name: 'keep it',
    snapshot,
    conditions: [],
    env: {},
    continueOnError,
  };
  return {
    id: newId(),
    job_id: jobId,
    position: 9,
    phase: 'success',
    name: 'keep it',
    spec,
    state: 'running',
    result: null,
    exit_code: null,
    signal: null,
    message: null,
    continue_on_error: continueOnError ? 1 : 0,
    hashes: null,
    outputs: null,
    log_bytes: 0,
    log_lines: 0,
    archived_bytes: null,
    started_at: null,
    finished_at: null,
  };
}
