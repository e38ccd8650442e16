import { finishJob } from '#controller/builds';
import type { Journal, Tx } from '#controller/events';
import { claimHost, freeHosts, hostTroubles } from '#controller/hosts';
import { failNode, moveNode, retireUnleased } from '#controller/nodes';
import { projectOf } from '#controller/queue';
import { askForSpare, failRequest, moveRequest } from '#controller/requests';
import {
  cordonsOf,
  currentVersions,
  findNode,
  findRequest,
  findVersion,
  liveNodes,
  openRequestRows,
  patchNode,
  planNumber,
  recordDecline,
  takePlanNumber,
  usageByProject,
  type Node,
  type OpenRequestRow,
  type Store,
} from '#controller/store';
import { FootmanError } from '#shared/errors';
import { intendNode } from './intend-node.ts';
import type { Ledger } from './ledger.ts';
import type { OpenRequest } from './open-request.ts';
import { isThere, originOf } from './origin.ts';
import type { Plan, PlannedLaunch } from './planned.ts';
import { versionKey } from './situation.ts';

interface Deps {
  store: Store;
  journal: Journal;
}

/** The ledger of a controller: rows of the store, and an event for each change. */
export function createStoreLedger({ store, journal }: Deps): Ledger {
  /** Null where it has to be read: nothing is known yet, or somebody else plans too. */
  let knownNumber: number | null = null;

  return {
    nodes: () => liveNodes(store.db),
    requests: async () => (await openRequestRows(store.db)).map(toRequest),
    usage: () => usageByProject(store.db),
    cordons: async () => new Map((await cordonsOf(store.db)).map((cordon) => [cordon.target, cordon])),
    freeHosts: () => freeHosts(store.db),
    hostTroubles: () => hostTroubles(store.db),
    currentVersions: async () =>
      new Map(
        (await currentVersions(store.db)).map(({ cloud, name, current }) => [
          versionKey({ cloud, stream: name }),
          current,
        ]),
      ),
    planNumber: async () => (knownNumber ??= await planNumber(store.db)),
    async carryOut(plan, seen) {
      if (plan.launches.length === 0) return journal.commit((tx) => carryOut(tx, plan));
      knownNumber = null;
      const planned = await journal.commit(async (tx) =>
        (await takePlanNumber(tx.db, seen)) ? carryOut(tx, plan) : 'stale',
      );
      if (planned !== 'stale') knownNumber = seen + 1;
      return planned;
    },
    begin: ({ id, state }) =>
      journal.commit(async (tx) => {
        if (state === 'planned') return moveNode(tx, id, ['planned'], 'launching');
        const current = await findNode(tx.db, id);
        return current?.state === 'launching' ? current : undefined;
      }),
    async imageOf({ version_id: id }) {
      if (id === null) return null;
      const version = await findVersion(store.db, id);
      if (version === undefined || !isThere(version))
        throw new FootmanError('not-found', `its image ${version?.name ?? id} is not there any more`);
      return version.name;
    },
    async accepted({ id }, { resource, image = null }) {
      await journal.commit(async (tx) => {
        const told = { resource, image, launched_at: tx.at };
        // A quick agent has moved its node on already.
        if ((await moveNode(tx, id, ['launching'], 'connecting', told)) !== undefined) return;
        await patchNode(tx.db, id, ['checking', 'ready', 'leased', 'failed', 'deleting'], told);
      });
    },
    hasServed: async ({ id }) => ((await findNode(store.db, id))?.leased_at ?? null) !== null,
    failed: ({ id }, mishap) => journal.commit((tx) => failNode(tx, id, mishap)),
  };
}

async function carryOut(tx: Tx, plan: Plan): Promise<Node[]> {
  for (const { request, decline } of plan.declines) await recordDecline(tx.db, request.id, decline);
  for (const { request, reason } of plan.failures) {
    const failed = await failRequest(tx, request.id, reason);
    // A job that has got its node meanwhile, or was queued anew, is not meant.
    if (failed !== undefined && request.jobId !== null)
      await finishJob(tx, request.jobId, { result: 'errored', reason, from: ['queued'] });
  }
  for (const { id } of plan.fulfilled) await moveRequest(tx, id, ['requested', 'pending'], 'fulfilled');
  for (const { id } of plan.withdrawn) await moveRequest(tx, id, ['requested', 'pending'], 'withdrawn');
  for (const { node, reason } of plan.retire) await retireUnleased(tx, node.id, reason);
  const planned: Node[] = [];
  for (const launch of plan.launches) {
    const node = await intend(tx, launch);
    if (node !== undefined) planned.push(node);
  }
  return planned;
}

/** Undefined when nobody wants the node any more, its image is gone, or somebody else was first at its host. */
async function intend(tx: Tx, launch: PlannedLaunch): Promise<Node | undefined> {
  const { template, request, isHedge, host } = launch;
  if (request !== null && !(await isOpen(tx, request))) return undefined;
  const origin = await originOf(tx, launch);
  if (origin === undefined) return undefined;
  const asked = request ?? (await askForSpareOf(tx, template));
  const node = await intendNode(tx, { template, request: asked, isHedge, host, ...origin });
  if (host !== null && !(await claimHost(tx, { cloud: template.cloud, host, nodeId: node.id }))) {
    await retireUnleased(tx, node.id, `host ${host} was taken by another node`);
    return undefined;
  }
  await moveRequest(tx, asked.id, ['requested'], 'pending');
  return node;
}

/** The job may have got another node since the plan was made. */
async function isOpen({ db }: Tx, { id }: OpenRequest): Promise<boolean> {
  const state = (await findRequest(db, id))?.state;
  return state === 'requested' || state === 'pending';
}

async function askForSpareOf(
  tx: Tx,
  template: { cloud: string; name: string },
): Promise<Pick<OpenRequest, 'id' | 'createdAt'>> {
  const { id, created_at: createdAt } = await askForSpare(tx, template);
  return { id, createdAt };
}

function toRequest(row: OpenRequestRow): OpenRequest {
  const { cloud, template } = row;
  return {
    id: row.id,
    jobId: row.job_id,
    pool: cloud === null || template === null ? null : { cloud, template },
    runsOn: row.runs_on,
    images: row.images,
    state: row.state === 'requested' ? 'requested' : 'pending',
    declines: row.declines,
    createdAt: row.created_at,
    rank: row.rank ?? row.created_at,
    priority: row.priority ?? 0,
    project: projectOf(row),
  };
}
