/**
 * What fsck says, in the order in which it comes upon it. `orphan` and `upload` are no damage: the sweep removes them when their grace is over.
 */
export type FsckLine =
  | { kind: 'finding'; problem: Problem; key: string; of: string; message: string }
  | ({ kind: 'progress'; phase: Phase } & Counts)
  | ({ kind: 'summary'; damaged: number; orphans: number } & Counts);

export type Problem = 'missing' | 'size' | 'digest' | 'manifest' | 'orphan' | 'upload';
export type Phase = 'artifacts' | 'logs' | 'caches' | 'sources' | 'orphans';
export type Finding = Extract<FsckLine, { kind: 'finding' }>;

export interface Counts {
  objects: number;
  /** What was read of them, to check digests. */
  bytes: number;
}
