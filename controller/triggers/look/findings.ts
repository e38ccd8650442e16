import type { Submission } from '#controller/builds';
import type { ScheduleEntry } from '../cron-entry.ts';

/** What a delivery comes down to, once the repository was looked at. Nothing has been done about it yet. */
export interface Findings {
  /** The commit that it is about; absent where it is about none. */
  commit?: string;
  /** Builds to start, one for each pipeline that wants it. */
  submissions: Submission[];
  /** Pipelines that want it and can't be built. */
  broken: Broken[];
  /** Why the others start nothing, a sentence each. */
  notes: string[];
  /** What the default branch's pipelines say of times; absent where the delivery is not about that branch. */
  schedules?: ScheduleEntry[];
}

export interface Broken {
  file: string;
  /** The first of the mistakes, for people. */
  problems: string[];
}

export function noFindings(note: string): Findings {
  return { submissions: [], broken: [], notes: [note] };
}
