import type { Report } from '#shared/document';
import { checkExpressions } from './expressions.ts';
import { checkEnv } from './names.ts';
import { checkStep } from './step.ts';
import { untrustedVariables } from './untrusted.ts';
import { checkUse } from './use.ts';
import { type Draft, entry, items } from '../draft.ts';
import { MAX_STEPS } from '../limits.ts';
import { STEP_PLACES } from './places.ts';
import type { Scope } from './scope.ts';
import type { Workshop } from './workshop.ts';

/** The steps of a list, each with what those before it are called. Returns the ids of all of them and of those before the list. */
export function checkSteps(list: Draft, scope: Scope, workshop: Workshop): readonly string[] {
  const { report, expansions } = workshop;
  const ids = new Set(scope.steps);
  let count = 0;
  for (const step of items(list)) {
    const env = entry(step, 'env');
    checkEnv(env, report);
    checkStep(step, report);
    checkUse({ user: step, kind: 'steps' }, workshop);
    const inner = { ...scope, steps: [...ids], untrusted: untrustedVariables(env, scope.untrusted) };
    checkExpressions(step, STEP_PLACES, inner, report);

    const { value: uses, path } = entry(step, 'uses');
    const expansion = typeof uses === 'string' ? expansions.of(uses) : undefined;
    const own = entry(step, 'id');
    count += expansion?.steps ?? 1;
    for (const id of expansion?.ids ?? [own.value]) {
      if (typeof id !== 'string') continue;
      if (ids.has(id)) reportTwice(id, expansion === undefined ? own.path : path, report);
      ids.add(id);
    }
  }
  if (count > MAX_STEPS && count > items(list).length) {
    const hint = `at most ${MAX_STEPS} are allowed, those of templates included`;
    report(list.path, `${count.toLocaleString('en')} steps are too many`, { at: 'key', hint });
  }
  return [...ids];
}

function reportTwice(id: string, path: Draft['path'], report: Report): void {
  report(path, `an earlier step of this job has the id ${JSON.stringify(id)} too`, {
    hint: 'each step of a job has an id of its own, those of templates included',
  });
}
