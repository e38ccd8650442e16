import type { Duplex, Readable } from 'node:stream';
import type { ChannelUse, HoldBegun } from '#shared/protocol';

/** How the process of a shell or a command ended. */
export interface ProcessEnd {
  exit: number | null;
  signal: string | null;
}

/** One use of a held node, over its agent's own connection. */
export interface NodeChannel {
  /** What is written goes to the node, what is read comes from it. Ending it is the end of input there; it is destroyed when the channel is over. */
  readonly stream: Duplex;
  /** Ends with the channel; empty but for commands without a terminal. */
  readonly stderr: Readable;
  /** Resolves when the channel is over and all that came was handed to the streams: with how its process ended; null where there was none, or nobody knows. */
  readonly ended: Promise<ProcessEnd | null>;
  resize(columns: number, rows: number): void;
  /** `name` without `SIG`. */
  signal(name: string): void;
  /** Ends it at once. */
  close(): void;
}

/** What a held node's agent tells of it. Its words. */
export type HeldFacts = Pick<HoldBegun, 'user' | 'sshd'>;

/** The held nodes whose agents are connected here. */
export interface HeldNodes {
  /** Whether its agent is connected here. It may not have heard yet that its node is held, which `open` and `pack` wait for. */
  isConnected(nodeId: string): boolean;
  /** Null until its agent has told, and while it is away. */
  facts(nodeId: string): HeldFacts | null;
  /**
   * Opens a channel to a held node.
   *
   * @throws FootmanError `node-unreachable` where its agent is not connected here or does not answer; `conflict` where the node can't do it,
   * such as connecting to a port on which nothing listens
   */
  open(nodeId: string, use: ChannelUse, signal: AbortSignal): Promise<NodeChannel>;
  /** Takes keys from the node's accounts, and puts the workspace where a capture finds it. @throws FootmanError as `open` */
  pack(nodeId: string, signal: AbortSignal): Promise<void>;
}
