import * as z from 'zod/mini';
import {
  ArtifactAck,
  ArtifactCollect,
  ArtifactPartPuts,
  ArtifactPut,
  FetchAck,
  FetchBegin,
  FetchFiles,
} from './artifacts.ts';
import { Count, Id, Name, PresignedRequest, RelativePath, Text, Token, Variables } from './fields.ts';
import {
  MAX_CHECK_TARGETS,
  MAX_COMMAND_LENGTH,
  MAX_COMMAND_WORDS,
  MAX_HASH_GLOBS,
  MAX_HOLD_KEYS,
} from './limits.ts';

/**
 * The answer to `hello`. `resume` names every step of the lease whose result the controller does not have, with the bytes of its log
 * that it does have: the agent goes on from there, repeats results that were not acknowledged, and forgets all other steps.
 */
const Welcome = z.strictObject({
  type: z.literal('welcome'),
  /** For the next `hello`; it replaces the bootstrap token, which is void now. */
  session: Token,
  resume: z.array(z.strictObject({ step: Id, stream: Count, offset: Count })),
  /** How long the agent goes on without a connection before it kills its step and exits, in milliseconds. */
  graceMs: Count,
});

/** The agent must not come back: it kills its step and exits. */
const Refused = z.strictObject({ type: z.literal('refused'), code: Name, message: Text });

/** A file that the agent downloads before the script starts; the script finds it at `$FOOTMAN_INPUTS/NAME`. */
export const StepInput = z.strictObject({
  name: z.string().check(z.regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/)),
  request: PresignedRequest,
  bytes: Count,
  sha256: z.string().check(z.regex(/^[0-9a-f]{64}$/)),
});
export type StepInput = z.infer<typeof StepInput>;

/** Starts a step. A step that the agent already knows is not started again: sending it twice is safe. */
export const StepStart = z.strictObject({
  type: z.literal('step.start'),
  step: Id,
  stream: Count,
  /** One that the agent knows, or a command line as words, in which `{0}` stands for the script's file. */
  shell: z.union([
    z.enum(['sh', 'bash', 'python']),
    z.array(z.string().check(z.minLength(1))).check(z.minLength(1), z.maxLength(MAX_COMMAND_WORDS)),
  ]),
  script: z.string(),
  env: Variables,
  /** Values to mask in the log and in outputs, in all their encoded forms: those of the whole job. Never a variable's name. */
  secrets: z.array(z.string()),
  inputs: z.array(StepInput),
  timeoutMs: Count,
  /** Time between SIGTERM and SIGKILL when the step times out, in milliseconds. */
  graceMs: Count,
  /** Relative to the workspace. */
  workingDirectory: z.optional(RelativePath),
  /** The log ends with a visible marker once it has this many bytes. */
  logLimit: Count,
});
export type StepStart = z.infer<typeof StepStart>;

/** SIGTERM to the step's process group now, SIGKILL after the grace. */
const StepCancel = z.strictObject({ type: z.literal('step.cancel'), step: Id, graceMs: Count });

/**
 * The node's machine is about to restart. The agent puts what later steps need on the disk, for the agent of the machine's next boot, and
 * answers `reboot.prepared`; said again on every connection until then. No step runs meanwhile.
 */
const RebootPrepare = z.strictObject({ type: z.literal('reboot.prepare'), step: Id });

/** The step's result and its whole log are on disk: the agent may forget them. */
const StepAck = z.strictObject({ type: z.literal('step.ack'), step: Id });

/** Bytes of the stream that the controller has. */
const LogAck = z.strictObject({ type: z.literal('log.ack'), stream: Count, offset: Count });

/**
 * Asks for one digest over all files of the workspace that the globs match; answered by `files.hashed`, once for each `request`, and
 * said again on every connection until then.
 */
const FilesHash = z.strictObject({
  type: z.literal('files.hash'),
  request: Id,
  globs: z.array(z.string()).check(z.minLength(1), z.maxLength(MAX_HASH_GLOBS)),
});

/**
 * Looks at the node; answered by `check.finished`, and said again on every connection until then. One check at a time: another id ends the
 * one under way. It comes while the node has no job.
 */
const CheckStart = z.strictObject({
  type: z.literal('check.start'),
  check: Id,
  /** Names to resolve, by the system's own resolver. */
  dns: z.array(z.string()).check(z.maxLength(MAX_CHECK_TARGETS)),
  /** `https://…` is asked for its head, any answer is good; `host:port` is connected to. */
  reach: z.array(z.string()).check(z.maxLength(MAX_CHECK_TARGETS)),
  /** Run by /bin/sh; null for none. */
  script: z.nullable(z.string()),
  /** For all of it together, in milliseconds: what runs longer is killed and has failed. */
  timeoutMs: Count,
});
export type CheckStart = z.infer<typeof CheckStart>;

/**
 * The job has ended, and its node is held for people. The agent goes on, keeps the job's world as its failed step had it, and answers
 * `hold.begun`. Said again on every connection, and whenever something of it has changed, such as how long it is to go on.
 */
const HoldBegin = z.strictObject({
  type: z.literal('hold.begin'),
  hold: Id,
  /** How long the agent goes on without a connection, in milliseconds: until the hold is over at the latest. */
  graceMs: Count,
  /** What a shell prints first: lines for people. */
  banner: Text,
  /** The step that `footman-rerun` repeats, with the secrets that may stay on a held node; null where there is none. */
  step: z.nullable(
    z.strictObject({
      name: Name,
      shell: StepStart.shape.shell,
      script: z.string(),
      env: Variables,
      workingDirectory: z.optional(RelativePath),
    }),
  ),
  /**
   * Whether the job has secrets that must not stay: what earlier steps exported with a secret in it goes, and so do processes that they left
   * behind. None is named here: whoever holds the node may read what its agent is told.
   */
  hasDenied: z.boolean(),
});
export type HoldBegin = z.infer<typeof HoldBegin>;

/**
 * All keys that the node's accounts are to let in, in the place of those that were put there before; answered by `hold.keys.placed`. Said
 * again on every connection. `user` null is the agent's own account.
 */
const HoldKeys = z.strictObject({
  type: z.literal('hold.keys'),
  hold: Id,
  keys: z
    .array(
      z.strictObject({
        id: Id,
        key: z.string().check(z.regex(/^[a-z0-9@.-]+ [A-Za-z0-9+/]+={0,2}$/)),
        user: z.nullable(Name),
        /** Milliseconds since the epoch: sshd itself refuses it from then on. */
        expiresAt: Count,
      }),
    )
    .check(z.maxLength(MAX_HOLD_KEYS)),
  /**
   * Of a captured machine that was started again: accounts in which keys of holds may stand that it had before. These go, however long they
   * would be good. Null is the agent's own.
   */
  former: z.optional(z.array(z.nullable(Name))),
});
export type HoldKeys = z.infer<typeof HoldKeys>;

/**
 * The node is about to be captured: keys go from its accounts, and the workspace to where a capture finds it. Answered by `hold.packed`; no
 * channel is opened any more.
 */
const HoldPack = z.strictObject({ type: z.literal('hold.pack'), hold: Id });

const Pty = z.strictObject({
  term: z.string().check(z.regex(/^[A-Za-z0-9+._-]{1,64}$/)),
  columns: Count,
  rows: Count,
});
export type Pty = z.infer<typeof Pty>;

/** What goes over a channel. `env` are those variables of the client that may pass, such as `LANG`. */
const ChannelUse = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('shell'), pty: z.nullable(Pty), env: Variables }),
  z.strictObject({
    kind: z.literal('exec'),
    command: z.string().check(z.maxLength(MAX_COMMAND_LENGTH)),
    pty: z.nullable(Pty),
    env: Variables,
  }),
  /** The SFTP protocol, version 3, without the SSH around it. */
  z.strictObject({ kind: z.literal('sftp') }),
  /** A TCP connection from the node. */
  z.strictObject({ kind: z.literal('forward'), host: Name, port: z.int().check(z.gte(1), z.lte(65_535)) }),
]);
export type ChannelUse = z.infer<typeof ChannelUse>;

/**
 * Opens a channel to a held node, for one use; answered by `channel.opened` or `channel.failed`. It ends with the connection that it was opened
 * on. Numbers are the controller's, and not used again on one connection. Both sides ignore what they hear of a channel that they do not know:
 * the other one may not have heard of its end. Each side may send `CHANNEL_WINDOW_BYTES` at first, and then what it is credited.
 */
const ChannelOpen = z.strictObject({ type: z.literal('channel.open'), channel: Count, use: ChannelUse });

const ChannelResize = z.strictObject({
  type: z.literal('channel.resize'),
  channel: Count,
  columns: Count,
  rows: Count,
});

/** A signal to the foreground, by its name without `SIG`. */
const ChannelSignal = z.strictObject({ type: z.literal('channel.signal'), channel: Count, signal: Name });

/** So many bytes of the other direction have been taken. */
export const ChannelCredit = z.strictObject({
  type: z.literal('channel.credit'),
  channel: Count,
  bytes: Count,
});

/** No more bytes will come in this direction. */
export const ChannelEof = z.strictObject({ type: z.literal('channel.eof'), channel: Count });

/** The channel is over, whatever is still on its way; nothing about it follows. */
export const ChannelClose = z.strictObject({ type: z.literal('channel.close'), channel: Count });

/** The node has served: the agent exits with 0. */
const LeaseEnd = z.strictObject({ type: z.literal('lease.end') });

/** What a controller says. */
export const ControllerMessage = z.discriminatedUnion('type', [
  Welcome,
  Refused,
  StepStart,
  StepCancel,
  RebootPrepare,
  StepAck,
  LogAck,
  ArtifactCollect,
  ArtifactPut,
  ArtifactPartPuts,
  ArtifactAck,
  FetchBegin,
  FetchFiles,
  FetchAck,
  FilesHash,
  CheckStart,
  HoldBegin,
  HoldKeys,
  HoldPack,
  ChannelOpen,
  ChannelResize,
  ChannelSignal,
  ChannelCredit,
  ChannelEof,
  ChannelClose,
  LeaseEnd,
]);
export type ControllerMessage = z.infer<typeof ControllerMessage>;
export type ControllerMessageOf<T extends ControllerMessage['type']> = Extract<
  ControllerMessage,
  { type: T }
>;
