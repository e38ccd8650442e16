import { userInfo } from 'node:os';
import type { ControllerMessageOf, HoldBegin, HoldKeys } from '#shared/protocol';
import type { Link } from '../link/index.ts';
import type { Steps } from '../steps/index.ts';
import type { Folders, Libc } from '../system/index.ts';
import { createChannels, type ChannelOrder } from './channels.ts';
import { createKeys } from './keys.ts';
import { packWorkspace } from './pack.ts';
import { findSshd } from './sshd.ts';
import { createWorld } from './world.ts';

export type HeldOrder = ChannelOrder | ControllerMessageOf<'hold.begin' | 'hold.keys' | 'hold.pack'>;

/** What people do on a node that is held for them, as the controller passes it on. */
export interface Held {
  order(order: HeldOrder): void;
  frame(data: Buffer): void;
  /** There is no connection: nobody is at the other end of any channel. */
  lost(): void;
  /** The connection has room. */
  flushed(): void;
  /** The hold is over: its keys are gone when this returns. */
  end(): void;
}

interface Deps {
  folders: Folders;
  link: Link;
  libc: Libc;
  steps: Pick<Steps, 'legacy'>;
  /** Processes whose exit status Node.js waits for. */
  children: Set<number>;
}

/** Longest sentence that a message carries, in characters. */
const MAX_MESSAGE_LENGTH = 4096;

export function createHeld({ folders, link, libc, steps, children }: Deps): Held {
  const ending = new AbortController();
  const world = createWorld({ folders, libc, steps });
  const keys = createKeys({ root: folders.root });
  const channels = createChannels({ link, world, libc, children, obstacle });
  let packing: Promise<unknown> = Promise.resolve();
  let isPacked = false;

  return {
    order(order) {
      if (order.type === 'hold.begin') void begin(order);
      else if (order.type === 'hold.keys') void place(order);
      else if (order.type === 'hold.pack') void pack(order);
      else channels.order(order);
    },
    frame: channels.frame,
    lost: channels.cutAll,
    flushed: channels.flushed,
    end() {
      ending.abort();
      channels.cutAll();
      keys.removeAll();
    },
  };

  /** After a capture that came to nothing, the hold goes on. */
  async function begin(order: HoldBegin): Promise<void> {
    isPacked = false;
    const problem = world.begin(order)?.slice(0, MAX_MESSAGE_LENGTH);
    const sshd = await findSshd();
    link.send({
      type: 'hold.begun',
      hold: order.hold,
      user: ownUser(),
      sshd,
      ...(problem === undefined ? {} : { problem }),
    });
  }

  async function place(order: HoldKeys): Promise<void> {
    link.send({ type: 'hold.keys.placed', hold: order.hold, keys: await keys.place(order) });
  }

  async function pack({ hold }: ControllerMessageOf<'hold.pack'>): Promise<void> {
    channels.cutAll();
    keys.removeAll();
    isPacked = true;
    const packed = packing.then(() =>
      packWorkspace({ ...folders, exports: steps.legacy().exports }, ending.signal),
    );
    packing = packed;
    const problem = (await packed)?.slice(0, MAX_MESSAGE_LENGTH);
    link.send({ type: 'hold.packed', hold, ...(problem === undefined ? {} : { problem }) });
  }

  function obstacle(): string | undefined {
    return isPacked ? 'the node is being captured' : undefined;
  }
}

/** Null for a user who is not in the database, as in a container with a number for a user. */
function ownUser(): string | null {
  try {
    return userInfo().username;
  } catch {
    return null;
  }
}
