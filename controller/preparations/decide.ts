import type { Tx } from '#controller/events';
import { cordonOfTemplate, templateKey } from '#controller/fleet';
import { cordonsOf, findVersion, lockStream } from '#controller/store';
import type { Candidate } from './candidates.ts';
import { findHit, keep, type Hit } from './hit.ts';
import { make, nextFor, refresh, type Wish } from './make.ts';
import type { Verdict } from './verdict.ts';

/** Which image the job starts from, or who makes it. Undefined where what was found went meanwhile: then everything is looked at again. */
export async function decide(tx: Tx, wish: Wish): Promise<Verdict | undefined> {
  const { build, prepare, plan } = wish;
  const hits: Hit[] = [];
  for (const candidate of plan.candidates) {
    const hit = await findHit(tx.db, plan, candidate, plan.recipe.steps.length, prepare, tx.at);
    if (hit !== undefined) hits.push(hit);
  }
  const open = await openOnes(tx, plan.candidates);
  if (hits.some(({ candidate }) => open.includes(candidate))) return use(tx, wish, hits, open);
  if (build.trust !== 'trusted')
    return { kind: 'uncached', reason: 'there is no prepared image for it, and builds from forks make none' };
  return order(tx, wish, open);
}

/** Those of which nodes may be launched now: what is made for the others would wait as long as they are cordoned. All, where all are. */
async function openOnes(tx: Tx, candidates: readonly Candidate[]): Promise<readonly Candidate[]> {
  const cordons = new Map((await cordonsOf(tx.db)).map((cordon) => [cordon.target, cordon]));
  const open = candidates.filter(({ template }) => cordonOfTemplate(template, cordons) === null);
  return open.length > 0 ? open : candidates;
}

/** Behind the locks of their streams, so that none of them goes before the job's row names it. */
async function use(
  tx: Tx,
  wish: Wish,
  hits: readonly Hit[],
  open: readonly Candidate[],
): Promise<Verdict | undefined> {
  const names = hits.toSorted((one, other) => (one.stream.name < other.stream.name ? -1 : 1));
  for (const hit of names) {
    if (!(await keep(tx, hit))) return undefined;
  }
  const { build, plan } = wish;
  // What others made for themselves is theirs to make anew.
  const stale = hits.filter(
    ({ isFresh, scope, candidate }) => !isFresh && scope === plan.save && open.includes(candidate),
  );
  if (build.trust === 'trusted') for (const { candidate } of stale) await refresh(tx, wish, candidate);
  return {
    kind: 'prepared',
    isStale: hits.some(({ isFresh }) => !isFresh),
    images: Object.fromEntries(
      hits.map(({ candidate, version }) => [templateKey(candidate.template), version.id]),
    ),
    streams: hits.map(({ candidate: { template }, stream: { name, cloud } }) => ({
      name,
      cloud,
      template: template.name,
    })),
  };
}

/** Whether what the template's nodes are made from has not gone since it was looked up. */
async function isThere(tx: Tx, { template, version }: Candidate): Promise<boolean> {
  if (version === null) return true;
  await lockStream(tx.db, { name: template.stream ?? '', cloud: template.cloud });
  return (await findVersion(tx.db, version))?.state === 'ready';
}

/** For the best of the open templates alone: one image serves as well as several. */
async function order(tx: Tx, wish: Wish, [candidate]: readonly Candidate[]): Promise<Verdict | undefined> {
  if (candidate === undefined) throw new Error('a plan has at least one candidate');
  if (!(await isThere(tx, candidate))) return undefined;
  const isAwaited = wish.prepare.onMiss === 'wait';
  const next = await nextFor(tx, wish, candidate, { isAwaited });
  const { number } = await make(tx, wish, candidate, next);
  if (isAwaited) return { kind: 'waiting', stream: next.stream };
  return { kind: 'uncached', reason: `there is no prepared image yet; build #${number} makes it` };
}
