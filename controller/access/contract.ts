import type { NodeChannel } from '#controller/gateway';
import type { ChannelUse } from '#shared/protocol';

/** Who comes in: by a key of the hold, or by a token. */
export interface Visitor {
  /** Of the token; of a key its fingerprint. */
  name: string;
  /** Null for a token: who may use which hold with one is decided before. */
  fingerprint: string | null;
}

export interface Opening {
  holdId: string;
  use: ChannelUse;
  who: Visitor;
  /** Address that they come from. */
  peer: string | null;
}

/** Somebody on a held node. It ends with its channel. */
export interface Session {
  id: string;
  channel: NodeChannel;
  /** Aborts when access ends before the channel does, which is closed then; the reason is a FootmanError with a sentence for people. */
  cut: AbortSignal;
}

/** An eye on a hold: whether somebody may be on its node. */
export interface Watch {
  cut: AbortSignal;
  /** Resolves when it has looked once more: a channel may be over before the news has come why. */
  look(): Promise<void>;
  end(): void;
}

/** Public keys of a hold that open it now. */
export interface Door {
  /** `ssh-ed25519 AAAA…`. */
  key: string;
  fingerprint: string;
}

/** The only way onto held nodes, for the bastion and for web terminals: access ends with the hold, whatever its node's agent does. */
export interface Access {
  /**
   * Opens a session.
   *
   * @throws FootmanError `not-found`, `conflict` or `forbidden` where the hold lets nobody in, or not by this key; `too-many-requests`;
   * and as the gateway's `open`
   */
  open(opening: Opening, signal: AbortSignal): Promise<Session>;
  /** None where the hold lets nobody in, or there is none. */
  doors(holdId: string): Promise<Door[]>;
  /** @throws FootmanError as `open` */
  watch(holdId: string, who: Visitor): Promise<Watch>;
  /** File of a session's recording; what of it is there grows as long as the session lasts. */
  recording(holdId: string, sessionId: string): string;
  /** Resolves when everything that was begun is in the store. */
  settled(): Promise<void>;
}
