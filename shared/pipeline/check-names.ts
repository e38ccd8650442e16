import type { Report } from '#shared/document';
import { type Draft, entries, isMapping } from './draft.ts';
import { MAX_ID_LENGTH, MAX_JOBS, MAX_VARIABLES } from './limits.ts';
import { ENV_NAME, JOB_ID, RESERVED_ENV_PREFIX } from './names.ts';

export function checkJobIds(jobs: Draft, report: Report): void {
  const ids = entries(jobs);
  if (isMapping(jobs.value) && ids.size === 0) report(jobs.path, 'a pipeline needs at least one job');
  if (ids.size > MAX_JOBS)
    report(jobs.path, `${ids.size} jobs are too many`, {
      at: 'key',
      hint: `at most ${MAX_JOBS} are allowed`,
    });
  for (const [id, { path }] of ids) {
    if (!JOB_ID.test(id)) {
      const hint = 'use letters, digits, "_" and "-", and begin with a letter or "_"';
      report(path, `${JSON.stringify(id)} can't be the id of a job`, { at: 'key', hint });
    }
    if (id.length > MAX_ID_LENGTH)
      report(path, `the id of a job has at most ${MAX_ID_LENGTH} characters`, { at: 'key' });
  }
}

export function checkEnv(env: Draft, report: Report): void {
  const variables = entries(env);
  if (variables.size > MAX_VARIABLES) {
    report(env.path, `${variables.size} variables are too many`, {
      at: 'key',
      hint: `at most ${MAX_VARIABLES} are allowed`,
    });
  }
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
