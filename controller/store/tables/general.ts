import type { Generated } from 'kysely';
import type { Json } from './json.ts';

/** What is of no noun alone: settings, counters, events, and who runs which loop. */

export interface MetaTable {
  key: string;
  value: string;
}

/** Numbers that are given out once, in order and without gaps: a row lock until commit makes them so. */
export interface CounterTable {
  name: 'build' | 'plan';
  last: number;
}

export interface EventTable {
  /** Order of commitment: a reader that has seen N will never be shown a smaller one later. */
  seq: Generated<number>;
  at: number;
  kind: EventKind;
  build_id: string | null;
  job_id: string | null;
  node_id: string | null;
  data: Json<Record<string, unknown>>;
}

export type EventKind =
  | 'build'
  | 'job'
  | 'step'
  | 'node'
  | 'request'
  | 'artifact'
  | 'project'
  | 'delivery'
  | 'cordon'
  | 'host'
  | 'cloud'
  | 'template'
  | 'leak'
  | 'image'
  | 'hold'
  | 'autohold'
  | 'configuration';

export interface LoopLeaseTable {
  loop: string;
  holder: string;
  expires_at: number;
}
