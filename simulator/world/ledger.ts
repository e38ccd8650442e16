import {
  plannedNode,
  type Ledger,
  type OpenRequest,
  type Plan,
  type PlannedLaunch,
} from '#controller/provisioner';
import type { Node } from '#controller/store';
import { finishJob } from './job-life.ts';
import { failNode, retireUnleased } from './node-life.ts';
import { addRequest, closeRequest, noteDecline, takeUp } from './request-life.ts';
import { addNode, moveNode, patchNode, type World } from './world.ts';

/** What the provisioner reads and writes, on a simulated world. */
export function createWorldLedger(world: World): Ledger {
  return {
    nodes: async () => world.nodes.all(),
    requests: async () => world.requests.all(),
    usage: async () => new Map(world.usage),
    cordons: async () => world.cordons,
    freeHosts: async () => new Map(),
    hostTroubles: async () => new Map(),
    currentVersions: async () => new Map(),
    planNumber: async () => world.planNumber,
    carryOut: async (plan, planNumber) => {
      if (plan.launches.length === 0) return world.commit(() => carryOut(world, plan));
      if (planNumber !== world.planNumber) return 'stale';
      world.planNumber += 1;
      return world.commit(() => carryOut(world, plan));
    },
    begin: async (node) => world.commit(() => begin(world, node)),
    imageOf: async () => null,
    accepted: async (node, { resource, image = null }) =>
      world.commit(() => {
        const told = { resource, image, launched_at: world.clock.now() };
        // A quick agent has moved its node on already.
        if (moveNode(world, node.id, ['launching'], 'connecting', told) === undefined)
          patchNode(world, node.id, ['checking', 'ready', 'leased', 'failed', 'deleting'], told);
      }),
    hasServed: async ({ id }) => typeof world.nodes.get(id)?.leased_at === 'number',
    failed: async ({ id }, mishap) => world.commit(() => failNode(world, id, mishap)),
  };
}

function carryOut(world: World, plan: Plan): Node[] {
  for (const { request, decline } of plan.declines) noteDecline(world, request.id, decline);
  for (const { request, reason } of plan.failures) {
    closeRequest(world, request.id, 'failed');
    if (request.jobId !== null && world.queue.has(request.jobId))
      finishJob(world, request.jobId, 'errored', reason);
  }
  for (const { id } of plan.fulfilled) closeRequest(world, id, 'fulfilled');
  for (const { id } of plan.withdrawn) closeRequest(world, id, 'withdrawn');
  for (const { node, reason } of plan.retire) retireUnleased(world, node.id, reason);
  return plan.launches.map((launch) => intend(world, launch));
}

function intend(world: World, { template, request, isHedge, host, pin }: PlannedLaunch): Node {
  const asked = request ?? askForPool(world, template);
  const intent = { template, request: asked, isHedge, host, versionId: pin, isPinned: pin !== null };
  const node = plannedNode(world.newId(), intent, world.clock.now());
  addNode(world, node);
  takeUp(world, asked.id);
  return node;
}

function askForPool(world: World, template: PlannedLaunch['template']): OpenRequest {
  const now = world.clock.now();
  const request: OpenRequest = {
    id: world.newId(),
    jobId: null,
    pool: { cloud: template.cloud, template: template.name },
    runsOn: '',
    images: null,
    state: 'requested',
    declines: [],
    createdAt: now,
    rank: now,
    priority: 0,
    project: null,
  };
  addRequest(world, request);
  return request;
}

function begin(world: World, { id, state }: Node): Node | undefined {
  const node = state === 'planned' ? moveNode(world, id, ['planned'], 'launching') : world.nodes.get(id);
  return node?.state === 'launching' ? node : undefined;
}
