import type { Clock } from '#controller/clock';
import { findBuild, findJob, keysOfHold, type Hold } from '#controller/store';
import { MAX_CONTROL_BYTES, MAX_HOLD_KEYS, type HoldBegin, type HoldKeys } from '#shared/protocol';
import { bannerOf } from './banner.ts';
import { formerAccounts } from './former-accounts.ts';
import { worldOf, type World, type WorldDeps } from './world.ts';

/** What the agent of a held node is told of its hold, from the rows as they are. */
export interface HoldOrders {
  begin(hold: Hold): Promise<HoldBegin>;
  keys(hold: Hold): Promise<HoldKeys>;
  graceMs(hold: Hold): number;
}

export type HoldOrderDeps = WorldDeps & {
  clock: Clock;
  /** How long a node is held that nobody has asked about yet, at most, in milliseconds. */
  longestHoldMs(): number;
};

/** An agent that nobody can reach outlives its hold by so much: the controller, when it is back, has the last word. */
const SLACK_MS = 10 * 60_000;

export function createHoldOrders(deps: HoldOrderDeps): HoldOrders {
  const { store, clock, longestHoldMs } = deps;
  return { begin, keys, graceMs };

  async function begin(hold: Hold): Promise<HoldBegin> {
    const { scene_job_id: jobId, node_id: nodeId } = hold;
    const job = await findJob(store.db, jobId);
    const build = job && (await findBuild(store.db, job.build_id));
    if (job === undefined || build === undefined)
      return orderFor(hold, `held for ${hold.owner}`, { step: null, hasDenied: false });
    const world = await worldOf(deps, { build, job, nodeId });
    const fill = (known: World): HoldBegin =>
      orderFor(hold, bannerOf(hold, build, job, known), {
        step: known.step,
        hasDenied: known.denied.size > 0,
      });
    const message = fill(world);
    if (Buffer.byteLength(JSON.stringify(message)) <= MAX_CONTROL_BYTES) return message;
    return fill({ ...world, step: null, problem: 'its script and variables are too large' });
  }

  function orderFor(hold: Hold, banner: string, world: Pick<HoldBegin, 'step' | 'hasDenied'>): HoldBegin {
    return { type: 'hold.begin', hold: hold.id, graceMs: graceMs(hold), banner, ...world };
  }

  async function keys({ id, admitted, expires_at: expiresAt, resumes }: Hold): Promise<HoldKeys> {
    const isOpen = admitted !== 0 && expiresAt !== null;
    const rows = isOpen ? await keysOfHold(store.db, id) : [];
    return {
      type: 'hold.keys',
      hold: id,
      keys: rows
        .filter(({ revoked_at: revokedAt }) => revokedAt === null)
        .slice(0, MAX_HOLD_KEYS)
        .map(({ id: keyId, key, login }) => ({ id: keyId, key, user: login, expiresAt: expiresAt ?? 0 })),
      ...(resumes === null ? {} : { former: await formerAccounts(store.db, { resumes }) }),
    };
  }

  function graceMs({ expires_at: expiresAt }: Hold): number {
    const left = expiresAt === null ? longestHoldMs() : Math.max(0, expiresAt - clock.now());
    return left + SLACK_MS;
  }
}
