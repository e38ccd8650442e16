import type { Report } from '#shared/document';
import { checkExpressions } from './expressions.ts';
import { checkEnv } from './names.ts';
import { checkStep } from './step.ts';
import { untrustedVariables } from './untrusted.ts';
import { type Draft, entries, entry, items } from '../draft.ts';
import { PREPARE_PLACES, PREPARE_STEP_PLACES } from './places.ts';
import type { Scope } from './scope.ts';
import type { Workshop } from './workshop.ts';

const KINDS = { keys: ['run', 'checkout'], hint: 'it needs "run" with a script, or "checkout"' };

/** What is done once for a job and others like it. `scope` is the job's, but for the variables: those that there are without the job. */
export function checkPrepare(job: Draft, scope: Scope, { report }: Workshop): void {
  const prepare = entry(job, 'prepare');
  const outside = { ...scope, unset: [...entries(entry(job, 'env')).keys()] };
  checkExpressions(prepare, PREPARE_PLACES, outside, report);
  for (const step of items(entry(prepare, 'steps'))) {
    const env = entry(step, 'env');
    checkEnv(env, report);
    checkStep(step, report, KINDS);
    checkLayer(prepare, step, report);
    const untrusted = untrustedVariables(env, scope.untrusted);
    checkExpressions(step, PREPARE_STEP_PLACES, { ...outside, untrusted }, report);
  }
}

/** Each layer is made on a node of its own, and a workspace is never a part of an image. */
function checkLayer(prepare: Draft, step: Draft, report: Report): void {
  const checkout = entry(step, 'checkout');
  if (checkout.value === undefined || entry(prepare, 'layers').value !== true) return;
  report(checkout.path, 'with "layers", no other step sees what is checked out here', {
    at: 'key',
    hint: 'let a script fetch what it needs, or take "layers" away',
    severity: 'warning',
  });
}
