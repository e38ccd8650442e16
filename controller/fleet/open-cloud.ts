import type { Cloud } from '#controller/clouds';
import type { LabelFact } from './fact-labels.ts';

/** How much of something there may be at one time; null is no limit. Everything that is not yet gone counts (L11). */
export interface Quota {
  nodes: number | null;
  cpus: number | null;
  memoryBytes: number | null;
}

/** What one node uses; zero where the template does not say, which no quota on it allows. */
export interface Size {
  cpus: number;
  memoryBytes: number;
}

/** A token bucket: so many launches at once, and so many a minute in the long run (L11). */
export interface LaunchRate {
  perMinute: number;
  burst: number;
}

/** The last `nodes` of the quota are for jobs of at least this priority. */
export interface Reserve {
  nodes: number;
  priority: number;
}

/** What bounds a cloud. */
export interface CloudLimits {
  quota: Quota;
  /** How long one launch may take, in milliseconds; null for as long as everywhere. */
  launchMs: number | null;
  launchRate: LaunchRate | null;
  reserve: Reserve | null;
}

/** A cloud as configured and opened. */
export interface OpenCloud extends CloudLimits {
  name: string;
  kind: string;
  cloud: Cloud;
  templates: readonly Template[];
}

/** What bounds a template, what makes it better than another one, and what else its nodes are known by. */
export interface TemplateLimits {
  /** What its nodes tell of themselves that becomes labels. */
  factsAsLabels: readonly LabelFact[];
  quota: Quota;
  size: Size;
  /** Candidates of a greater weight are asked first. */
  weight: number;
  /** Price of a node for an hour, in whatever unit all templates share. */
  cost: number;
  pool: PoolSettings;
  /** What a node is looked at for before it is ready; null where nothing is. */
  checks: CheckSettings | null;
}

/** A recipe for nodes in a cloud. */
export interface Template extends TemplateLimits {
  cloud: string;
  name: string;
  /** Those that are configured, and those that were learned. */
  labels: ReadonlySet<string>;
  /** Those of its last node that are not configured (`factsAsLabels`); null until one has told of itself. */
  learned: ReadonlySet<string> | null;
  /** The image stream whose current version its nodes are made from; null where its settings say the image, or there is none. */
  stream: string | null;
  /** Digest of all that makes a node of it what it is: labels, stream and settings. */
  digest: string;
  /** What the cloud's kind wants to know beyond that; parsed by its schema. */
  settings: unknown;
}

/** Nodes that are kept ready for jobs that have not come yet. */
export interface PoolSettings {
  minReady: number;
  /** While one of these windows is open, its number holds instead; the first that fits counts. */
  schedule: readonly PoolWindow[];
  /** Learns how many it takes instead; null where the numbers above are all. */
  learning: LearningSettings | null;
  /** Age at which an idle node is replaced, in milliseconds since it became ready; null is never. */
  maxReadyAgeMs: number | null;
}

/** Hours of a week. One that ends before it begins ends on the next day. */
export interface PoolWindow {
  /** 1 is Monday, 7 is Sunday: the days on which it begins. */
  days: readonly number[];
  /** Minutes since midnight. */
  from: number;
  to: number;
  timeZone: string;
  minReady: number;
}

export interface LearningSettings {
  /** Share of jobs that may find no node ready, such as 0.05. */
  coldStarts: number;
  /** Never more than so many idle nodes. */
  maxReady: number;
}

/** What makes a node fit for a job. Sizes in bytes, times in milliseconds. */
export interface CheckSettings {
  /** Least free space where the workspace is. */
  diskBytes: number | null;
  /** Least memory that programs can still get. */
  memoryBytes: number | null;
  /** Most by which its clock may differ from the controller's. */
  clockMs: number | null;
  /** Names that must resolve. */
  dns: readonly string[];
  /** What must be reachable: `https://host/path`, or `host:port` for a TCP connection. */
  reach: readonly string[];
  /** Run by /bin/sh; anything but exit code 0 is a failure. */
  script: string | null;
  timeoutMs: number;
  /** How often an idle node is looked at again; null is never. */
  everyMs: number | null;
}
