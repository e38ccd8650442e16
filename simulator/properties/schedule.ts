import type { WantedImages } from '#controller/store';
import type { Model } from '#simulator/model';

/** A small world, and what happens in it. Times in milliseconds since its beginning. */
export interface Schedule {
  model: Model;
  /** Of each template's pool. */
  minReady: number;
  seed: number;
  jobs: readonly ScheduledJob[];
  events: readonly ScheduledEvent[];
  /** Share of the changes that the loops do not hear of: a lost event costs time, never truth. */
  deafness: number;
  /** A second controller takes itself for the one whose loops run. */
  hasTwin: boolean;
}

export interface ScheduledJob {
  at: number;
  runsOn: string;
  /** What its node is to be made from; null is what the node's template says. */
  images: WantedImages | null;
  durationMs: number;
  /** Its node is kept when it ends. */
  isHeld: boolean;
}

/** What happens beside jobs. `pick` chooses a node among those that are there. */
export type ScheduledEvent =
  | { at: number; kind: 'restart' }
  | { at: number; kind: 'lose' | 'delete' | 'release'; pick: number }
  | { at: number; kind: 'cordon' | 'uncordon'; target: string };
