import * as z from 'zod/mini';
import {
  ArtifactArchive,
  ArtifactFiles,
  ArtifactFinished,
  ArtifactParts,
  ArtifactProgress,
  FetchFinished,
  FetchNext,
  FetchProgress,
} from './artifacts.ts';
import { ChannelClose, ChannelCredit, ChannelEof } from './controller-message.ts';
import { Facts } from './facts.ts';
import { Count, Id, Name, Outputs, Text, Time, Token } from './fields.ts';
import { MAX_ADDRESSES, MAX_CHECK_OUTPUT, MAX_CHECK_TARGETS, MAX_HOLD_KEYS } from './limits.ts';

/** The first message of every connection. The token is the bootstrap token at first, the session token ever after. */
const Hello = z.strictObject({
  type: z.literal('hello'),
  protocol: z.int(),
  token: Token,
  agentVersion: Name,
  facts: Facts,
});

/** The script runs. Said again on every connection until `step.ack`, with the same time. */
const StepStarted = z.strictObject({ type: z.literal('step.started'), step: Id, at: Time });

/**
 * How a step ended, as the operating system told it: an exit code or a signal's name, never a guess. `not-started` carries the reason
 * in `message` (no such shell, no such directory). `timed-out` and `cancelled` say why the agent ended it.
 */
export const StepEnd = z.strictObject({
  reason: z.enum(['exited', 'timed-out', 'cancelled', 'not-started']),
  exit: z.nullable(z.int()),
  signal: z.nullable(Name),
  message: z.optional(Text),
});
export type StepEnd = z.infer<typeof StepEnd>;

/** Sent after the last byte of the step's log, and again on every connection until `step.ack`. */
const StepFinished = z.strictObject({
  type: z.literal('step.finished'),
  step: Id,
  at: Time,
  end: StepEnd,
  outputs: Outputs,
  /** Length of the step's whole log in bytes, after masking. */
  logBytes: Count,
});

/** What `reboot.prepare` asked for is on the disk, or `problem` says in a sentence why not. */
const RebootPrepared = z.strictObject({
  type: z.literal('reboot.prepared'),
  step: Id,
  problem: z.optional(Text),
});

/**
 * The digest that `files.hash` asked for: SHA-256 over the SHA-256 digests of the files, in the order of their paths' bytes; empty when
 * no file matches. `problem` says in a sentence why there is none.
 */
const FilesHashed = z.strictObject({
  type: z.literal('files.hashed'),
  request: Id,
  digest: z.string().check(z.regex(/^(?:[0-9a-f]{64})?$/)),
  problem: z.optional(Text),
});

/** One thing that was looked at: `dns NAME`, `reach TARGET` or `script`. */
export const CheckResult = z.strictObject({
  name: Name,
  ok: z.boolean(),
  /** What went wrong, in a sentence. */
  message: z.optional(Text),
  ms: Count,
});
export type CheckResult = z.infer<typeof CheckResult>;

/** What the agent found on its node. Its words: the controller decides what is enough. */
const CheckFinished = z.strictObject({
  type: z.literal('check.finished'),
  check: Id,
  /** The node's clock as it says this. */
  at: Time,
  /** Where the workspace is. */
  diskFreeBytes: Count,
  /** What programs can still get, of the machine and within the container's limit. */
  memoryAvailableBytes: Count,
  results: z.array(CheckResult).check(z.maxLength(2 * MAX_CHECK_TARGETS + 1)),
  /** The last of what the script printed. */
  output: z.string().check(z.maxLength(MAX_CHECK_OUTPUT)),
});
export type CheckFinished = z.infer<typeof CheckFinished>;

/** The held node is ready for channels; `problem` says in a sentence what of the job's world is missing. */
const HoldBegun = z.strictObject({
  type: z.literal('hold.begun'),
  hold: Id,
  /** The account that the agent runs as. */
  user: z.nullable(Name),
  /** Where the node's own sshd listens; null where none does. */
  sshd: z.nullable(
    z.strictObject({
      port: z.int().check(z.gte(1), z.lte(65_535)),
      /** The node's addresses, loopback left out. */
      addresses: z.array(Name).check(z.maxLength(MAX_ADDRESSES)),
    }),
  ),
  problem: z.optional(Text),
});
export type HoldBegun = z.infer<typeof HoldBegun>;

/** What became of each key of `hold.keys`: the account, or in a sentence why it stands nowhere. */
const HoldKeysPlaced = z.strictObject({
  type: z.literal('hold.keys.placed'),
  hold: Id,
  keys: z
    .array(z.strictObject({ id: Id, user: z.nullable(Name), problem: z.nullable(Text) }))
    .check(z.maxLength(MAX_HOLD_KEYS)),
});

const HoldPacked = z.strictObject({
  type: z.literal('hold.packed'),
  hold: Id,
  problem: z.optional(Text),
});

const ChannelOpened = z.strictObject({ type: z.literal('channel.opened'), channel: Count });
const ChannelFailed = z.strictObject({ type: z.literal('channel.failed'), channel: Count, message: Text });

/** How the process of a shell or a command ended; its last bytes came before, and `channel.close` follows. */
const ChannelExit = z.strictObject({
  type: z.literal('channel.exit'),
  channel: Count,
  exit: z.nullable(z.int()),
  signal: z.nullable(Name),
});

/** What an agent says. All of it is data from a hostile place: it can only name objects of the agent's own lease (I9). */
export const AgentMessage = z.discriminatedUnion('type', [
  Hello,
  StepStarted,
  StepFinished,
  RebootPrepared,
  ArtifactFiles,
  ArtifactArchive,
  ArtifactParts,
  ArtifactProgress,
  ArtifactFinished,
  FetchNext,
  FetchProgress,
  FetchFinished,
  FilesHashed,
  CheckFinished,
  HoldBegun,
  HoldKeysPlaced,
  HoldPacked,
  ChannelOpened,
  ChannelFailed,
  ChannelExit,
  ChannelCredit,
  ChannelEof,
  ChannelClose,
]);
export type AgentMessage = z.infer<typeof AgentMessage>;
export type AgentMessageOf<T extends AgentMessage['type']> = Extract<AgentMessage, { type: T }>;
