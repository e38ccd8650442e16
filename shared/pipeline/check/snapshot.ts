import type { Report } from '#shared/document';
import { checkExpressions } from './expressions.ts';
import { checkEnv } from './names.ts';
import { checkStep } from './step.ts';
import { untrustedVariables } from './untrusted.ts';
import { type Draft, entry, items } from '../draft.ts';
import { SHORT_SNAPSHOT_PLACES, VERIFY_STEP_PLACES } from './places.ts';
import type { Scope } from './scope.ts';
import type { Workshop } from './workshop.ts';

const VERIFY_KINDS = { keys: ['run'], hint: 'it needs "run" with a script' };

/** Snapshots among the steps that run when the job has succeeded. `scope` is the job's. */
export function checkSnapshots(list: Draft, scope: Scope, { report }: Workshop): void {
  const snapshots = items(list).filter((step) => entry(step, 'snapshot').value !== undefined);
  checkOrder(list, snapshots, report);
  for (const step of snapshots) {
    const snapshot = entry(step, 'snapshot');
    if (typeof snapshot.value === 'string') checkExpressions(step, SHORT_SNAPSHOT_PLACES, scope, report);
    for (const verify of items(entry(snapshot, 'verify'))) checkVerify(verify, scope, report);
  }
}

/** When it is made, the node is gone. */
function checkOrder(list: Draft, snapshots: Draft[], report: Report): void {
  for (const step of snapshots.slice(1)) {
    report(entry(step, 'snapshot').path, 'a job makes one image of its node at most', {
      at: 'key',
      hint: 'take one of its snapshots away',
    });
  }
  const last = snapshots.at(-1);
  if (last === undefined || items(list).at(-1)?.path.at(-1) === last.path.at(-1)) return;
  report(entry(last, 'snapshot').path, 'no step can come after a snapshot', {
    at: 'key',
    hint: 'make it the last one under "success": it ends the node',
  });
}

function checkVerify(step: Draft, scope: Scope, report: Report): void {
  const env = entry(step, 'env');
  checkEnv(env, report);
  checkStep(step, report, VERIFY_KINDS);
  const untrusted = untrustedVariables(env, scope.untrusted);
  checkExpressions(step, VERIFY_STEP_PLACES, { ...scope, untrusted }, report);
}
