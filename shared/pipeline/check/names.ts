import type { Report } from '#shared/document';
import { type Draft, entries, isMapping } from '../draft.ts';
import { MAX_ID_LENGTH, MAX_JOBS, MAX_PARAMETERS, MAX_VARIABLES } from '../limits.ts';
import { ENV_NAME, ID, RESERVED_ENV_PREFIX } from '../names.ts';

const ID_HINT = 'use letters, digits, "_" and "-", and begin with a letter or "_"';

export function checkJobIds(jobs: Draft, report: Report): void {
  if (isMapping(jobs.value) && entries(jobs).size === 0)
    report(jobs.path, 'a pipeline needs at least one job');
  checkIds(jobs, 'job', MAX_JOBS, report);
}

export function checkOutputs(outputs: Draft, report: Report): void {
  checkIds(outputs, 'output', MAX_VARIABLES, report);
}

export function checkParameterNames(parameters: Draft, report: Report): void {
  checkIds(parameters, 'parameter', MAX_PARAMETERS, report);
}

/** Keys of what has an id, and how many there are. */
export function checkIds(mapping: Draft, what: string, most: number, report: Report): void {
  const ids = entries(mapping);
  checkCount(mapping, ids.size, `${what}s`, most, report);
  for (const [id, { path }] of ids) {
    if (!ID.test(id)) {
      const article = /^[aeiou]/.test(what) ? 'an' : 'a';
      report(path, `${JSON.stringify(id)} can't be the id of ${article} ${what}`, {
        at: 'key',
        hint: ID_HINT,
      });
    }
    if (id.length > MAX_ID_LENGTH)
      report(path, `the id of a ${what} has at most ${MAX_ID_LENGTH} characters`, { at: 'key' });
  }
}

export function checkEnv(env: Draft, report: Report): void {
  const variables = entries(env);
  checkCount(env, variables.size, 'variables', MAX_VARIABLES, report);
  for (const [name, { path }] of variables) {
    if (!ENV_NAME.test(name)) {
      const hint = 'use letters, digits and "_", and begin with a letter or "_"';
      report(path, `${JSON.stringify(name)} can't be the name of a variable`, { at: 'key', hint });
    } else if (name.startsWith(RESERVED_ENV_PREFIX)) {
      const hint = 'choose another name';
      report(path, `variables that begin with ${RESERVED_ENV_PREFIX} are set by Footman alone`, {
        at: 'key',
        hint,
      });
    }
  }
}

function checkCount({ path }: Draft, count: number, what: string, most: number, report: Report): void {
  if (count <= most) return;
  report(path, `${count} ${what} are too many`, { at: 'key', hint: `at most ${most} are allowed` });
}
