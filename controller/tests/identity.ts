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
  const parts = [project_id ?? '', pipeline, job, suite, name].map((part) => part.replaceAll(ADDRESS, '0x'));
  const id = createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
  return { id, project_id, pipeline, job, suite, name };
}

/** Names tests that a report has several times: the second one is `name (2)`, so that each counts. */
export function createNumbering(): (suite: string, name: string) => string {
  const seen = new Map<string, number>();
  return (suite, name) => {
    const key = `${suite}\n${name}`;
    const times = (seen.get(key) ?? 0) + 1;
    seen.set(key, times);
    return times === 1 ? name : `${name} (${times})`;
  };
}
