import type { JobList } from '#controller/api';
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
  return ({ label = [], ...rest }) => {
    const query = new URLSearchParams(label.map((one) => ['label', one]));
    for (const [name, value] of Object.entries(rest)) if (value !== undefined) query.set(name, String(value));
    return read({ path: `/jobs?${query.toString()}` });
  };
}
