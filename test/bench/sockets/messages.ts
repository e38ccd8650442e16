/** What the bench and its child processes of sockets tell each other. */
export interface Dial {
  /** `ws://…` */
  url: string;
  tokens: string[];
}

export interface Told {
  /** All sockets that were asked for are open and answered. */
  connected?: number;
  /** Where the bare server listens. */
  port?: number;
  failed?: string;
}
