import type { JobList } from '#controller/api';
import { queryOf } from './query.ts';
import type { Call } from './transport.ts';

/** Which jobs: those that fit all of it. */
export interface JobsQuery {
  limit?: number;
  before?: string;
  project?: string;
  pipeline?: string;
  branch?: string;
  state?: string;
  result?: string;
  /** Milliseconds since the epoch. */
  since?: number;
  until?: number;
  label?: string[];
  node?: string;
  test?: string;
}

/** Jobs of all builds, the newest first. */
export function createJobsList(read: <T>(call: Call) => Promise<T>): (query: JobsQuery) => Promise<JobList> {
  return (query) => read({ path: `/jobs${queryOf(query)}` });
}
