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

/** When all else of the job is done. */
const SNAPSHOT = {
  ...STEP,
  hints: { secrets: 'a name that everybody reads can have no secret in it' },
} satisfies Place;

const IS_SHARED = 'what is prepared is shared by many jobs and builds';
/** Before the job is queued: what many jobs have in common can't depend on what one of them has done. */
const PREPARE = {
  contexts: [...EARLY, 'env', 'matrix'],
  functions: [],
  hints: {
    secrets: `${IS_SHARED}, and a secret would be in the image; use it in the "steps" of the job`,
    steps: `${IS_SHARED}, and no step of this one has run by then`,
    needs: `${IS_SHARED}, and can't depend on what one build has done`,
    job: `${IS_SHARED}; nothing of this one is in it`,
    node: `${IS_SHARED}, and no node is chosen by then`,
    hashFiles: `${IS_SHARED}, and there is no workspace by then; name the files under "files"`,
  },
} satisfies Place;

const IS_APART = 'these steps run on another node, in a job of their own';
const VERIFY_HINTS = {
  secrets: `${IS_APART}, which gets no secrets`,
  steps: `${IS_APART}, which no step has run in before`,
  needs: `${IS_APART}, which needs no other job`,
  job: IS_APART,
  node: IS_APART,
  hashFiles: `${IS_APART}, whose workspace is empty`,
} satisfies Place['hints'];
/** When the image is there. */
const VERIFY = { contexts: PREPARE.contexts, functions: [], hints: VERIFY_HINTS } satisfies Place;
const VERIFY_CONDITION = { ...VERIFY, functions: STATUS } satisfies Place;

/** By key of a part: the place of every text below it, or places of its own. Keys that are missing here hold no expressions. */
export interface Places {
  readonly [key: string]: Place | Places;
}

export const PIPELINE_PLACES = {
  env: PIPELINE,
  concurrency: PIPELINE,
  defaults: { 'runs-on': JOB, timeout: JOB, 'working-directory': STEP },
} satisfies Places;

/** Steps are parts of their own, wherever they are. */
export const PREPARE_STEP_PLACES = {
  name: PREPARE,
  run: PREPARE,
  checkout: { repository: PREPARE, ref: PREPARE, path: PREPARE, 'known-hosts': PREPARE },
  env: PREPARE,
  timeout: PREPARE,
  'working-directory': PREPARE,
} satisfies Places;

export const PREPARE_PLACES = { key: PREPARE, steps: PREPARE_STEP_PLACES } satisfies Places;

export const VERIFY_STEP_PLACES = {
  name: VERIFY,
  if: VERIFY_CONDITION,
  run: VERIFY,
  env: VERIFY,
  'continue-on-error': VERIFY,
  timeout: VERIFY,
  'working-directory': VERIFY,
} satisfies Places;

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
  /** Each is a part of its own: one that is taken from another job has places of its own. */
  artifacts: { name: AFTER_STEPS, paths: AFTER_STEPS, exclude: AFTER_STEPS, path: JOB },
  reports: { junit: AFTER_STEPS },
} satisfies Places;

/** Of an artifact that is taken: the steps have not begun. */
export const TAKEN_PLACES = { name: JOB, path: JOB } satisfies Places;

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
  snapshot: { stream: SNAPSHOT, verify: VERIFY_STEP_PLACES },
  hold: { reason: STEP },
  with: STEP,
  env: SECRET,
  'continue-on-error': STEP,
  timeout: STEP,
  'working-directory': STEP,
} satisfies Places;

/** Of a snapshot that is nothing but a stream's name. */
export const SHORT_SNAPSHOT_PLACES = { snapshot: SNAPSHOT } satisfies Places;

/** In the order in which they are reached. */
export const NAMED_PLACES = {
  pipeline: PIPELINE,
  matrix: MATRIX,
  prepare: PREPARE,
  job: JOB,
  'job condition': JOB_CONDITION,
  step: STEP,
  'step condition': STEP_CONDITION,
  'step with secrets': SECRET,
  'after the steps': AFTER_STEPS,
  snapshot: SNAPSHOT,
  verify: VERIFY,
  'verify condition': VERIFY_CONDITION,
} satisfies Record<string, Place>;

export function isPlace(place: Place | Places): place is Place {
  return Array.isArray(place['contexts']);
}
