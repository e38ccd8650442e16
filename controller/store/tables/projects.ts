import type { Json } from './json.ts';

/** Projects, their secrets, what starts their builds, what is told of them, and what builds leave for each other. */

export type Provider = 'git' | 'github' | 'gitlab' | 'gitea';

/** A repository whose pipelines are built. */
export interface ProjectTable {
  id: string;
  /** Unique. */
  name: string;
  provider: Provider;
  /** URL or path that git fetches from. */
  repository: string;
  /** Base URL of the provider's API, where it can't be told from the repository's. */
  api_url: string | null;
  default_branch: string;
  /** Globs of the pipeline files in the repository. */
  pipelines: Json<string[]>;
  /** Names of secrets of the project; null where none is needed. */
  token_secret: string | null;
  ssh_key_secret: string | null;
  webhook_secret: string | null;
  known_hosts: string | null;
  /** Commits of history that builds get; null is all. */
  depth: number | null;
  /** Its weight where projects compete for nodes. */
  share: number;
  /** Most nodes that its jobs have at one time; null is no limit. */
  max_nodes: number | null;
  created_at: number;
}

export type SecretScope = 'controller' | 'project' | 'pipeline';

export interface SecretTable {
  id: string;
  /** `controller`, `project:NAME` or `pipeline:NAME` (with the project before the pipeline's name, if it has one: `pipeline:PROJECT/NAME`). */
  scope: string;
  name: string;
  /** Which key encrypted it. */
  key_id: string;
  /** base64 of nonce, ciphertext and tag (AES-256-GCM); its scope and name are authenticated with it. */
  sealed: string;
  debug: 'allow' | 'deny';
  created_at: number;
  updated_at: number;
}

export type DeliveryState = 'received' | 'processed' | 'ignored' | 'failed';

/** A webhook's delivery: answered when it is stored, processed from here. */
export interface DeliveryTable {
  id: string;
  project_id: string;
  /** The provider's own id of the delivery, and the digest of its body: one that has been here is not taken again. */
  delivery: string;
  digest: string;
  event: string;
  payload: string;
  state: DeliveryState;
  /** What came of it, as a sentence. */
  reason: string | null;
  attempts: number;
  due_at: number;
  received_at: number;
  processed_at: number | null;
}

export interface ScheduleTable {
  id: string;
  project_id: string;
  file: string;
  cron: string;
  timezone: string;
  next_at: number;
  last_at: number | null;
}

export type CommitState = 'pending' | 'running' | 'success' | 'failure' | 'error' | 'cancelled';

/** What a provider is to be told of a commit: one row for each of its contexts, sent again until the provider was told the newest. */
export interface CommitStatusTable {
  id: string;
  project_id: string;
  sha: string;
  /** What the provider shows the status under. Unique for a commit of a project. */
  context: string;
  /** The newest build of that commit and context, and its number; null and 0 where a broken file kept it from being one. */
  build_id: string | null;
  number: number;
  /** What the build is, and what the provider was told last. */
  wanted: CommitState;
  description: string;
  told: CommitState | null;
  /** Since the provider last took something. */
  failures: number;
  problem: string | null;
  /** When to tell it next; while somebody does, when somebody else may. Null when it was told, or would not hear. */
  due_at: number | null;
}

/** An entry is there once its file is stored. */
export interface CacheTable {
  id: string;
  /** Who may restore it: the project or the pipeline, and the pull request for one from a fork. */
  scope: string;
  key: string;
  /** Digest of the paths: other paths are another cache. */
  version: string;
  blob: string;
  bytes: number;
  sha256: string;
  created_at: number;
  used_at: number;
}
