import type { Generated } from 'kysely';
import type { Json } from './json.ts';

/** Nodes that are kept for people to look at, whose keys open them, and who did what. */

export type HoldState = 'held' | 'released' | 'expired';

/** `request`: somebody asked for this very job; `rerun`: for the jobs of a build; `resume`: a captured machine was started again. */
export type HoldOrigin = 'pipeline' | 'request' | 'autohold' | 'rerun' | 'resume';

/**
 * That a job's node is to be held when the job has ended, in its row until then. `failure` is every result that is nobody's wish: `failure`,
 * `errored`, `timed-out`.
 */
export interface HoldWish {
  on: 'failure' | 'end';
  origin: HoldOrigin;
  owner: string;
  reason: string | null;
  /** Null for the default of the configuration. */
  forMs: number | null;
  /** Public keys as lines of OpenSSH, and `@name` for those of a profile. */
  keys: string[];
  /** The hold whose captured machine is started again, and the job whose failed step that shows. */
  resumes?: string;
  sceneJobId?: string;
}

export interface HoldTable {
  /** What people call it, and the user name at the bastion. */
  id: string;
  state: HoldState;
  /** When it entered the state. */
  state_since: number;
  /** How it ended, as a sentence without its subject. */
  outcome: string | null;
  origin: HoldOrigin;
  /** Who has it: the name of a token, or of whoever started the build. */
  owner: string;
  /** Why, in the words of whoever wanted it. */
  reason: string | null;
  node_id: string;
  cloud: string;
  template: string;
  build_id: string;
  job_id: string;
  /** Whose failed step it shows: the same job, or, of a resumed hold, that of the hold whose machine it is. */
  scene_job_id: string;
  /** How long it was asked for, in milliseconds; null for the default. */
  wanted_ms: number | null;
  /** 1 once the keeper has found it within the limits; until then it has no expiry. */
  admitted: Generated<number>;
  expires_at: number | null;
  /** No extension goes beyond. */
  latest_at: number | null;
  /** For which expiry the owner was reminded last. */
  reminded_for: number | null;
  /** When somebody last did something on the node. */
  used_at: number | null;
  /** The version that its machine is being, or was, captured as. */
  version_id: string | null;
  /** The hold whose captured machine this one is. */
  resumes: string | null;
  created_at: number;
}

/** A public key that opens one held node. */
export interface HoldKeyTable {
  id: string;
  hold_id: string;
  /** `SHA256:…`, as ssh-keygen -l tells it. */
  fingerprint: string;
  /** `ssh-ed25519 AAAA…`, without options and comment. */
  key: string;
  comment: string;
  /** The account whose authorized_keys it is put into, where the node runs sshd; null for the agent's own. */
  login: string | null;
  added_by: string;
  added_at: number;
  revoked_by: string | null;
  revoked_at: number | null;
  /** What became of it on the node: null until its agent has told. */
  placed: Json<KeyPlace> | null;
}

/** `problem` says in a sentence why the key stands in no file of the node; the bastion takes it all the same. */
export interface KeyPlace {
  /** The account. */
  user: string | null;
  problem: string | null;
}

/** A public key that somebody has registered for their own holds. */
export interface UserKeyTable {
  owner: string;
  fingerprint: string;
  key: string;
  comment: string;
  added_at: number;
}

/** A standing rule that holds the next failures. */
export interface AutoholdTable {
  id: string;
  /** Project's name, globs of the pipeline's name, the job's key and the branch; null matches all. */
  project: string | null;
  pipeline: string | null;
  job: string | null;
  branch: string | null;
  /** How many failures it still holds, of how many. It is over at zero. */
  remaining: number;
  count: number;
  for_ms: number | null;
  reason: string | null;
  keys: Json<string[]>;
  owner: string;
  created_at: number;
  /** When it is over at the latest. */
  expires_at: number;
  ended_at: number | null;
}

export type SessionKind = 'shell' | 'exec' | 'sftp' | 'forward';

/** Somebody on a held node, over the bastion or the web. */
export interface HoldSessionTable {
  id: string;
  hold_id: string;
  kind: SessionKind;
  /** Fingerprint of a key, or the name of a token. */
  who: string;
  /** Address that it came from. */
  peer: string | null;
  /** The command, or where a forwarding goes. */
  detail: string | null;
  started_at: number;
  ended_at: number | null;
  /** Bytes of its recording; null where there is none. */
  recorded: number | null;
}

/** What is told about a hold to whom the configuration names, until it was taken. */
export interface HoldNoticeTable {
  id: string;
  hold_id: string;
  notice: Json<Record<string, unknown>>;
  attempts: number;
  /** Null when it was taken, or given up. */
  due_at: number | null;
  problem: string | null;
  created_at: number;
}

/** Who did what that others must be able to look up. Never changed. */
export interface AuditTable {
  id: string;
  at: number;
  /** Name of a token, or what did it by itself. */
  actor: string;
  /** Such as `hold.key-added`. */
  action: string;
  /** What it was done to: a hold's id, a stream's name. */
  subject: string;
  data: Json<Record<string, unknown>>;
}
