import type { Tx } from '#controller/events';
import { findVersion, lockStream, type ImageVersion } from '#controller/store';
import { toFootmanError } from '#shared/errors';
import { markBad } from './bad.ts';
import { dropPointer, rollBack } from './pointer.ts';

/** What became of a version whose image has vanished. `left`: it is current, and there is no earlier one that is good. */
export type Loss = 'bad' | 'rolled back' | 'dropped' | 'left';

const REASON = 'its image has vanished';

/** Nobody gets the version any more, where another one can take its place (I5). Undefined where it is not ready, or known to be bad. */
export async function noteVanished(
  tx: Tx,
  { id, stream: name, cloud }: ImageVersion,
): Promise<Loss | undefined> {
  const stream = await lockStream(tx.db, { name, cloud });
  const version = await findVersion(tx.db, id);
  if (version?.state !== 'ready' || version.bad !== 0) return undefined;
  const loss = stream?.current === id ? await leave(tx, { name, cloud }, stream.kind === 'prepared') : 'bad';
  if (loss !== 'rolled back') await markBad(tx, id, REASON);
  return loss;
}

async function leave(tx: Tx, id: { name: string; cloud: string }, isPrepared: boolean): Promise<Loss> {
  if (isPrepared) {
    await dropPointer(tx, id);
    return 'dropped';
  }
  try {
    await rollBack(tx, id, { bad: REASON });
    return 'rolled back';
  } catch (error) {
    if (toFootmanError(error).code !== 'conflict') throw error;
    return 'left';
  }
}
