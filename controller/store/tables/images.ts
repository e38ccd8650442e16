import type { Promotion, Step } from '#shared/pipeline';
import type { Result, Trust } from './builds.ts';
import type { Json } from './json.ts';

/** Images of nodes: streams of versions, and which version of each is the one that nodes get. */

/**
 * `named`: a pipeline's `snapshot` makes versions for whoever asks for the stream. `prepared`: what jobs of one recipe start from. `held`: the
 * machine of one hold, which no template gets.
 */
export type StreamKind = 'named' | 'prepared' | 'held';

/** One stream in one cloud: the pointer that a promotion swaps, by compare-and-swap on `generation` alone (I5). */
export interface ImageStreamTable {
  /** Of prepared images: `prepared/` and a digest of the recipe and of what it stands on. */
  name: string;
  cloud: string;
  kind: StreamKind;
  /** Versions' ids. What nodes get from now on, and what they got before. */
  current: string | null;
  previous: string | null;
  /** Raised by each change of the two. */
  generation: number;
  promoted_at: number | null;
  /** Number of the newest version. */
  last_number: number;
  /** Ready versions that stay, the current one and the previous one included. */
  keep: number;
  /** Age of the current version from which on it is overdue, in milliseconds; null where nobody said. */
  refresh_after_ms: number | null;
  /** What people call a prepared image: its declared key, or the job. */
  title: string | null;
  /** Whose builds may start from a prepared image (`scopesOf` of caches). */
  scope: string | null;
  /** Of prepared images: how long one is fresh, and how much longer it serves while another one is made. */
  ttl_ms: number | null;
  max_stale_ms: number | null;
  /** When a job last started from it. */
  used_at: number | null;
  /** The build that makes, or made, its newest version: there is one at a time. */
  build_id: string | null;
  created_at: number;
}

/** In the order in which a version may be in them. */
export const VERSION_STATES = [
  'capturing',
  'candidate',
  'verifying',
  'ready',
  'failed',
  'retired',
  'deleting',
  'deleted',
] as const;
export type VersionState = (typeof VERSION_STATES)[number];

/** How the job ends whose node is captured, unless the capture fails. */
export interface CaptureEnding {
  result: Result;
  reason: string | null;
  outputs?: Record<string, string>;
}

export interface ImageVersionTable {
  id: string;
  /** What the cloud knows it by. Unique within the cloud. */
  name: string;
  stream: string;
  cloud: string;
  /** The template that its node was made from, and nodes that verify it. */
  template: string;
  /** 1, 2, 3… within its stream and cloud. */
  number: number;
  state: VersionState;
  state_since: number;
  /** Why it failed, or waits, or goes. */
  reason: string | null;
  /** 1 where it was promoted and its nodes did not come up: it is never promoted again. */
  bad: number;
  /** The cloud's own name of it, its size, and the digest of its content. */
  image: string | null;
  bytes: number | null;
  digest: string | null;
  /** What its node was made from: the id of a version, or the image as the cloud tells it. */
  parent: string | null;
  /** Null where somebody imported it. */
  build_id: string | null;
  job_id: string | null;
  node_id: string | null;
  /** Commit of the build's source. */
  commit_sha: string | null;
  trust: Trust;
  /** Run on a node that was started from it. Null: it needs no node to be ready. */
  verify: Json<Step[]> | null;
  verify_job_id: string | null;
  promotion: Json<Promotion>;
  ending: Json<CaptureEnding> | null;
  /** Times that its cloud failed to remove it, and when it is asked again. */
  failures: number;
  due_at: number | null;
  created_at: number;
  captured_at: number | null;
  ready_at: number | null;
  deleted_at: number | null;
}
