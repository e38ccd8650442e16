import type { Connection } from './connection.ts';

/** An agent's connection of the moment; it gets no message before it was welcomed. */
export interface ConnectedAgent {
  connection: Connection;
  welcomed: boolean;
}
