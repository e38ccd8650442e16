import type { ContextName, Place } from '#shared/expressions';

/** What expressions may use, from place to place: whatever is known by the time at which they are evaluated. */

const STATUS = ['success', 'failure', 'always', 'cancelled'] as const satisfies Place['functions'];

const EARLY = ['build', 'parameters'] as const satisfies ContextName[];
const BEFORE_CELLS = [...EARLY, 'env', 'needs'] as const satisfies ContextName[];
const BEFORE_START = [...BEFORE_CELLS, 'matrix'] as const satisfies ContextName[];
const ON_NODE = [...BEFORE_START, 'steps', 'job', 'node'] as const satisfies ContextName[];

/** When the build is submitted. */
const PIPELINE = { contexts: EARLY, functions: [] } satisfies Place;
/** When the jobs that it needs have ended. */
const MATRIX = { contexts: BEFORE_CELLS, functions: [] } satisfies Place;
/** When the job is queued. */
const JOB = { contexts: BEFORE_START, functions: [] } satisfies Place;
const JOB_CONDITION = { contexts: BEFORE_START, functions: STATUS } satisfies Place;
/** When its steps have ended. */
const AFTER_STEPS = { contexts: ON_NODE, functions: [] } satisfies Place;
/** When the step starts. */
const STEP = { contexts: ON_NODE, functions: ['hashFiles'] } satisfies Place;
const STEP_CONDITION = { contexts: ON_NODE, functions: [...STATUS, 'hashFiles'] } satisfies Place;
/** The only one that sees secrets, so that reading a step tells which it is given. */
const SECRET = { contexts: [...ON_NODE, 'secrets'], functions: ['hashFiles'] } satisfies Place;

/** By key of a part: the place of every text below it, or places of its own. Keys that are missing here hold no expressions. */
export interface Places {
  readonly [key: string]: Place | Places;
}

export const PIPELINE_PLACES = {
  env: PIPELINE,
  concurrency: PIPELINE,
  defaults: { 'runs-on': JOB, timeout: JOB, 'working-directory': STEP },
} satisfies Places;

/** Its steps are parts of their own. */
export const JOB_PLACES = {
  name: JOB,
  'runs-on': JOB,
  if: JOB_CONDITION,
  with: JOB,
  matrix: MATRIX,
  env: JOB,
  timeout: JOB,
  'continue-on-error': JOB,
  concurrency: JOB,
  outputs: AFTER_STEPS,
  defaults: { 'working-directory': STEP },
  artifacts: AFTER_STEPS,
} satisfies Places;

export const STEP_PLACES = {
  name: STEP,
  if: STEP_CONDITION,
  run: STEP,
  checkout: {
    repository: STEP,
    ref: STEP,
    path: STEP,
    token: SECRET,
    'ssh-key': SECRET,
    'known-hosts': STEP,
  },
  cache: STEP,
  reboot: STEP,
  with: STEP,
  env: SECRET,
  'continue-on-error': STEP,
  timeout: STEP,
  'working-directory': STEP,
} satisfies Places;

/** In the order in which they are reached. */
export const NAMED_PLACES = {
  pipeline: PIPELINE,
  matrix: MATRIX,
  job: JOB,
  'job condition': JOB_CONDITION,
  step: STEP,
  'step condition': STEP_CONDITION,
  'step with secrets': SECRET,
  'after the steps': AFTER_STEPS,
} satisfies Record<string, Place>;

export function isPlace(place: Place | Places): place is Place {
  return Array.isArray(place['contexts']);
}
