import { checkArtifacts } from './artifacts.ts';
import { checkExpressions } from './expressions.ts';
import { checkHolds } from './hold.ts';
import { axisNames, checkMatrix } from './matrix.ts';
import { checkEnv, checkOutputs } from './names.ts';
import { checkPrepare } from './prepare.ts';
import { checkSnapshots } from './snapshot.ts';
import { checkSteps } from './steps.ts';
import { untrustedVariables } from './untrusted.ts';
import { checkUse } from './use.ts';
import { type Draft, entry, isMapping } from '../draft.ts';
import { JOB_PLACES } from './places.ts';
import { POST_CONDITIONS } from '../pipeline.ts';
import type { Scope } from './scope.ts';
import type { Workshop } from './workshop.ts';

/** What a job can't say beside its template. */
const NOT_BESIDE_USES = [
  'runs-on',
  'queue-timeout',
  'prepare',
  'outputs',
  'defaults',
  'steps',
  'post',
  'artifacts',
  'reports',
];

/** What may be named in the job, but for its own matrix and steps. */
type Outer = Pick<Scope, 'parameters' | 'needs' | 'untrusted'>;

/** A job of a pipeline or of a template. */
export function checkJob(job: Draft, outer: Outer, workshop: Workshop): void {
  const { document, report } = workshop;
  const env = entry(job, 'env');
  const matrix = entry(job, 'matrix');
  checkEnv(env, report);
  checkOutputs(entry(job, 'outputs'), report);
  checkMatrix(matrix, document, report);
  checkKind(job, workshop);

  const axes = axisNames(matrix);
  const scope: Scope = {
    ...outer,
    // The template may have a matrix of its own.
    matrix: axes === 'none' && entry(job, 'uses').value !== undefined ? 'unknown' : axes,
    steps: [],
    untrusted: untrustedVariables(env, outer.untrusted),
  };
  checkPrepare(job, { ...scope, untrusted: outer.untrusted }, workshop);
  const steps = checkSteps(entry(job, 'steps'), scope, workshop);
  checkExpressions(job, JOB_PLACES, { ...scope, steps }, report);
  checkArtifacts(job, { ...scope, steps }, report);
  checkPost(entry(job, 'post'), { ...scope, steps }, workshop);
}

/** `always` and `changed` run before those for the result. */
function checkPost(post: Draft, scope: Scope, workshop: Workshop): void {
  let { steps } = scope;
  checkSnapshots(entry(post, 'success'), scope, workshop);
  checkHolds(post, workshop);
  for (const when of POST_CONDITIONS) {
    const ids = checkSteps(entry(post, when), { ...scope, steps }, workshop);
    if (when === 'always' || when === 'changed') steps = ids;
  }
}

/** Either it says itself what it does, or a template does. */
function checkKind(job: Draft, workshop: Workshop): void {
  if (!isMapping(job.value)) return;
  if (Object.hasOwn(job.value, 'uses')) {
    checkBesideUses(job, job.value, workshop);
    checkUse({ user: job, kind: 'job' }, workshop);
    return;
  }
  const { report } = workshop;
  if (!Object.hasOwn(job.value, 'steps')) {
    report(entry(job, 'steps').path, `"steps" is missing in ${describeJob(job)}`, {
      hint: 'what the job does: a list of steps, one after the other on the same node',
    });
  }
  if (Object.hasOwn(job.value, 'with')) {
    const hint = 'take it away; a script gets its values through "env"';
    report(entry(job, 'with').path, '"with" is for jobs with "uses" only', { at: 'key', hint });
  }
}

function checkBesideUses({ path }: Draft, job: Record<string, unknown>, { report }: Workshop): void {
  for (const key of NOT_BESIDE_USES) {
    if (!Object.hasOwn(job, key)) continue;
    const hint = 'the template says it; pass what differs from job to job as a parameter';
    report([...path, key], `${JSON.stringify(key)} can't stand beside "uses"`, { at: 'key', hint });
  }
}

function describeJob({ path }: Draft): string {
  return JSON.stringify(path.at(-1));
}
