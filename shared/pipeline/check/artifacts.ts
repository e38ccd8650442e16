import type { Report } from '#shared/document';
import { nearest } from '#shared/nearest';
import { checkExpressions } from './expressions.ts';
import { type Draft, entry, isMapping, items } from '../draft.ts';
import { JOB_PLACES, TAKEN_PLACES } from './places.ts';
import type { Scope } from './scope.ts';
import { STRANGERS } from '../schema/strangers.ts';

/** What only the one kind of item says: a job leaves files, or takes those of another. */
const LEAVING = ['paths', 'exclude', 'when', 'expire', 'if-empty', 'archive'] as const;

/** The name of an artifact that has none of its own; its index counts from 0, and what is taken is not counted. */
export function defaultArtifactName(index: number): string {
  return index === 0 ? 'artifacts' : `artifacts-${index + 1}`;
}

/** Whether it is taken from another job. */
export function isTaken({ value }: Draft): boolean {
  return isMapping(value) && Object.hasOwn(value, 'from');
}

/** Names of what the job leaves, in order, those that are made up included. */
export function namesLeft(job: Draft): Draft[] {
  const left = items(entry(job, 'artifacts')).filter((item) => !isTaken(item));
  return left.map((item, index) => {
    const { path, value = defaultArtifactName(index) } = entry(item, 'name');
    return { path, value };
  });
}

/** What can be told without other jobs. */
export function checkArtifacts(job: Draft, scope: Scope, report: Report): void {
  checkNames(job, report);
  for (const item of items(entry(job, 'artifacts'))) {
    if (isTaken(item)) checkTaken(item, scope, report);
    else checkLeft(item, scope, report);
  }
}

function checkNames(job: Draft, report: Report): void {
  const seen = new Set<unknown>();
  for (const { path, value } of namesLeft(job)) {
    if (seen.has(value))
      report(path, `an earlier artifact of this job is called ${JSON.stringify(value)} too`);
    if (typeof value === 'string') seen.add(value);
  }
}

function checkTaken(item: Draft, scope: Scope, report: Report): void {
  checkExpressions(item, TAKEN_PLACES, scope, report);
  for (const key of LEAVING) {
    const { path, value } = entry(item, key);
    if (value === undefined) continue;
    const hint = 'the job that leaves the files says it; only "name" and "path" can stand beside "from"';
    report(path, `${JSON.stringify(key)} can't stand beside "from"`, { at: 'key', hint });
  }
}

function checkLeft(item: Draft, scope: Scope, report: Report): void {
  checkExpressions(item, JOB_PLACES.artifacts, scope, report);
  if (!isMapping(item.value)) return;
  const keys = Object.keys(item.value);
  if (!keys.includes('paths') && !keys.some(isMisspelt)) {
    const hint = '"paths" names the files that the job leaves; "from" names a job whose files it takes';
    report(item.path, 'the artifact has neither "paths" nor "from"', { hint });
  }
  if (keys.includes('path')) {
    const hint = keys.includes('paths')
      ? 'take it away: files keep the paths that they have in the workspace'
      : 'write "paths"';
    report([...item.path, 'path'], '"path" is for what is taken from another job, with "from"', {
      at: 'key',
      hint,
    });
  }
}

/** A misspelt key, or one of another system, is reported as such; so is `path`. */
function isMisspelt(key: string): boolean {
  if (key === 'path' || STRANGERS.has(key) || STRANGERS.has(`artifacts.${key}`)) return true;
  return !LEAVING.some((known) => known === key) && nearest(key, ['paths', 'from']).length > 0;
}
