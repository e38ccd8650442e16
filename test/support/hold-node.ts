import { join } from 'node:path';
import { createSystemClock } from '#controller/clock';
import { createJournal } from '#controller/events';
import { moveNode } from '#controller/nodes';
import { openStore, type NodeState } from '#controller/store';

/** Holds the node of a running job, straight in the store of whatever controller has this data folder. */
export function holdNode(data: string, id: string): Promise<void> {
  return move(data, id, 'leased', 'held');
}

/** Gives a held node to the reaper. */
export function releaseNode(data: string, id: string): Promise<void> {
  return move(data, id, 'held', 'deleting');
}

async function move(data: string, id: string, from: NodeState, to: NodeState): Promise<void> {
  const store = await openStore({ kind: 'sqlite', file: join(data, 'footman.db') });
  try {
    const moved = await createJournal({ store, clock: createSystemClock() }).commit((tx) =>
      moveNode(tx, id, [from], to),
    );
    if (moved === undefined) throw new Error(`node ${id} is not ${from}`);
  } finally {
    await store.close();
  }
}
