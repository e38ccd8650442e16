import type { AgentMessage, ControllerMessage, LogFrame } from '#shared/protocol';

/** Where an activity's messages go: the agent's connection of the moment, or nowhere while it has none. */
export interface AgentLink {
  send(message: ControllerMessage): void;
  /** Ends the connection of the moment; the agent comes back and goes on from what the controller has. */
  cut(reason: string): void;
}

/**
 * Something that the agent is asked to do and that outlives connections: a step, the collection of an artifact. Its messages are repeated
 * to each new connection until it has ended; the agent knows by the id what it has heard already.
 */
export interface Activity {
  /** What `welcome` says of it. */
  resume(): { step: string; stream: number; offset: number }[];
  /** The agent has a new connection. */
  attached(): void;
  /** It has lost it. */
  detached?(): void;
  message(message: AgentMessage): void;
  log(frame: LogFrame): void;
}
