import type { EventKind } from '#controller/store';

/** What happened to which object. It becomes a row of `events`, wakes the loops that care, and is what the API streams. */
export interface Change {
  kind: EventKind;
  buildId?: string | null;
  jobId?: string | null;
  nodeId?: string | null;
  /** The object's new state and what a reader wants beside it. Never a secret. */
  data: ChangeData;
}

export interface ChangeData {
  id: string;
  state: string;
  [detail: string]: unknown;
}
