import type { Tx } from '#controller/events';
import { templateKey } from '#controller/fleet';
import {
  findJobByKey,
  lockStream,
  patchStream,
  type Build,
  type Job,
  type PreparedStream,
} from '#controller/store';
import type { Prepare } from '#shared/pipeline';
import { buildOf } from './make.ts';
import { PREPARE } from './preparation-build.ts';
import { usableVersion } from './usable-version.ts';
import type { Verdict } from './verdict.ts';

/**
 * What has become of what the job waits for: `waits` while it is being made, `plan` where there is more to do. What it has waited for is its
 * own, though a branch may have moved since: otherwise it might wait for ever.
 */
export async function lookAtAwaited(
  tx: Tx,
  { preparation }: Job,
  prepare: Prepare,
): Promise<Verdict | 'waits' | 'plan'> {
  const [awaited] = preparation?.state === 'waiting' ? preparation.streams : [];
  if (awaited === undefined) return 'plan';
  const stream = await lockStream(tx.db, awaited);
  const build = await buildOf(tx, stream);
  if (stream === undefined || build === undefined) return 'plan';
  if (build.state !== 'finished') return 'waits';
  if (build.result !== 'success') return failed(tx, build);
  const version = await usableVersion(tx.db, stream);
  if (version === undefined) return { kind: 'uncached', reason: `build #${build.number} left no image` };
  const isWhole = !prepare.layers || prepare.steps.length === 1;
  return isWhole ? use(tx, awaited, version.id) : 'plan';
}

async function use(tx: Tx, awaited: PreparedStream, version: string): Promise<Verdict> {
  const { cloud, template } = awaited;
  await patchStream(tx.db, awaited, { used_at: tx.at });
  return {
    kind: 'prepared',
    isStale: false,
    images: { [templateKey({ cloud, name: template })]: version },
    streams: [awaited],
  };
}

/** What fails for its own reasons fails in the job, too; anything else may not happen there. */
async function failed(tx: Tx, { id, number, result, reason }: Build): Promise<Verdict> {
  const job = await findJobByKey(tx.db, id, PREPARE);
  const why = job?.reason ?? reason;
  const because = why === null ? '' : `: ${why}`;
  if (result === 'failure')
    return { kind: 'failure', reason: `its preparation failed in build #${number}${because}` };
  return { kind: 'uncached', reason: `its preparation in build #${number} ended ${result}${because}` };
}
