import { createHash } from 'node:crypto';
import type { Build, Job, Test } from '#controller/store';

/** What differs from run to run in names that tools make of values: addresses in memory. */
const ADDRESS = /\b0x[0-9a-f]{6,16}\b/gi;

/** Which test it is: a name in a job of a pipeline. The cells of a matrix have each their own, which may fail where others don't. */
export function identify(
  { project_id, pipeline }: Pick<Build, 'project_id' | 'pipeline'>,
  { key: job }: Pick<Job, 'key'>,
  { suite, name }: Pick<Test, 'suite' | 'name'>,
): Test {
  const parts = [project_id ?? '', pipeline, job, suite, name].map(steadily);
  const id = createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
  return { id, project_id, pipeline, job, suite, name };
}

/**
 * Names tests that a report has several times: the second one is `name (2)`, so that each counts. No two tests that were named are the same
 * to {@link identify}, whatever the report calls them.
 */
export function createNumbering(): (suite: string, name: string) => string {
  /** How often each was asked for, or given. */
  const seen = new Map<string, number>();
  return (suite, name) => {
    const key = keyOf(suite, name);
    let times = (seen.get(key) ?? 0) + 1;
    while (times > 1 && seen.has(keyOf(suite, numbered(name, times)))) times += 1;
    seen.set(key, times);
    if (times > 1) seen.set(keyOf(suite, numbered(name, times)), 1);
    return numbered(name, times);
  };
}

function numbered(name: string, times: number): string {
  return times === 1 ? name : `${name} (${times})`;
}

function keyOf(suite: string, name: string): string {
  return steadily(`${suite}\n${name}`);
}

function steadily(text: string): string {
  return text.replaceAll(ADDRESS, '0x');
}
