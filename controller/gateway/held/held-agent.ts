import type { Clock } from '#controller/clock';
import { abortable } from '#shared/abortable';
import { FootmanError } from '#shared/errors';
import type { AgentMessageOf, ChannelFrame, ChannelUse, HoldBegin, HoldKeys } from '#shared/protocol';
import type { Connection } from '../connection.ts';
import type { HeldFacts, NodeChannel } from '../node-channel.ts';
import { createChannels, type ChannelMessage } from './channels.ts';
import { plainText } from '../plain-text.ts';

export type HeldMessage = ChannelMessage | AgentMessageOf<'hold.begun' | 'hold.keys.placed' | 'hold.packed'>;

/** One connection of a held node's agent. */
export interface HeldAgent {
  readonly connection: Connection;
  readonly hold: string;
  /** Says what it has not said yet over this connection. */
  tell(begin: HoldBegin, keys: HoldKeys): void;
  facts(): HeldFacts | null;
  open(use: ChannelUse, signal: AbortSignal): Promise<NodeChannel>;
  pack(signal: AbortSignal): Promise<void>;
  /** @throws FootmanError `protocol-violation` for what no agent says */
  message(message: HeldMessage): void;
  /** As `message`. */
  frame(frame: ChannelFrame): void;
  /** The connection is gone, or the hold is over. */
  end(): void;
}

interface Deps {
  clock: Clock;
  connection: Connection;
  hold: string;
  /** Called at most once for each time that it was sent. */
  begun(message: AgentMessageOf<'hold.begun'>): void;
  /** Called at most once for each list of keys that was sent. */
  placed(message: AgentMessageOf<'hold.keys.placed'>): void;
}

export function createHeldAgent({ clock, connection, hold, begun, placed }: Deps): HeldAgent {
  const channels = createChannels({ clock, connection });
  const over = new AbortController();
  let saidBegin = '';
  let saidKeys = '';
  let facts: HeldFacts | null = null;
  /** Beginnings that were said and not answered. */
  let begins = 0;
  let awaitsKeys = false;
  let packing: PromiseWithResolvers<void> | undefined;

  return {
    connection,
    hold,
    tell(begin, keys) {
      // How long is left is another time each time; it is said with the expiry that it comes from.
      const [wholeBegin, wholeKeys] = [JSON.stringify({ ...begin, graceMs: 0 }), JSON.stringify(keys)];
      if (wholeBegin !== saidBegin) {
        begins += 1;
        connection.send(begin);
      }
      if (wholeKeys !== saidKeys) {
        awaitsKeys = true;
        connection.send(keys);
      }
      [saidBegin, saidKeys] = [wholeBegin, wholeKeys];
    },
    facts: () => facts,
    open: channels.open,
    async pack(signal) {
      if (packing === undefined) {
        packing = Promise.withResolvers();
        packing.promise.catch(() => undefined);
        // Should the hold go on, the agent is to put back what it packs away now.
        [saidBegin, saidKeys] = ['', ''];
        connection.send({ type: 'hold.pack', hold });
      }
      await abortable(packing.promise, AbortSignal.any([signal, over.signal]));
    },
    message(message) {
      if (!('hold' in message)) return channels.message(message);
      if (message.hold !== hold)
        throw new FootmanError('protocol-violation', 'the agent named a hold of another node');
      if (message.type === 'hold.begun') {
        if (begins === 0) return;
        begins -= 1;
        facts = { user: message.user, sshd: message.sshd };
        begun(message);
      } else if (message.type === 'hold.packed') packed(message.problem);
      else {
        if (awaitsKeys) placed(message);
        awaitsKeys = false;
      }
    },
    frame: channels.frame,
    end() {
      over.abort(new FootmanError('node-unreachable', "the node's agent is gone"));
      channels.end();
    },
  };

  /** Whoever asks after that has it done again. */
  function packed(problem: string | undefined): void {
    const asked = packing;
    packing = undefined;
    if (problem === undefined) asked?.resolve();
    else asked?.reject(new FootmanError('conflict', `the node can't be packed: ${plainText(problem)}`));
  }
}
