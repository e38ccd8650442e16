import { cordonOf, templateKey, type Template } from '#controller/fleet';
import { hasWantedImage, pinOf } from '#controller/matching';
import type { Node } from '#controller/store';
import { decline, launch, lookAgain, type Draft } from './draft.ts';
import type { OpenRequest } from './open-request.ts';
import { isCrowded, type InTheWay } from './in-the-way.ts';
import { replacements, type Leaving } from './pool/index.ts';
import { versionKey } from './situation.ts';

/**
 * Keeps as many idle nodes of each template as its pool should have, and lets go of those that nobody wants.
 *
 * @param crowded for each job that waits for room, what takes that up: no pool takes more of it
 */
export function planPools(draft: Draft, spare: readonly Node[], crowded: readonly InTheWay[]): void {
  const { requests, nodes, fleet, pools, now } = draft.situation;
  const spareOf = Map.groupBy(spare.filter(isForAll), (node) =>
    templateKey({ cloud: node.cloud, name: node.template }),
  );
  const requestsOf = Map.groupBy(
    requests.filter(({ pool }) => pool !== null),
    ({ pool }) => templateKey({ cloud: pool?.cloud ?? '', name: pool?.template ?? '' }),
  );
  const metRequests = new Set(nodes.filter(({ state }) => MET.has(state)).map((node) => node.request_id));

  for (const template of fleet.templates()) {
    const key = templateKey(template);
    const open = (requestsOf.get(key) ?? []).filter((request) => !isMet(request));
    planPool(draft, template, {
      own: spareOf.get(key) ?? [],
      open,
      standsBack: isCrowded(template.cloud, crowded),
    });
    spareOf.delete(key);
    requestsOf.delete(key);
  }
  for (const node of [...spareOf.values()].flat())
    letGo(draft, { node, reason: 'its template is not configured any more' });
  draft.plan.withdrawn.push(...[...requestsOf.values()].flat());
  lookAgain(draft, pools.due(now));

  /** The node of a pool's request is ready, or went to a job: the pool asks anew if it needs another one. */
  function isMet(request: OpenRequest): boolean {
    const met = metRequests.has(request.id);
    if (met) draft.plan.fulfilled.push(request);
    return met;
  }
}

/** The others are for jobs that ask for their very version: no pool reckons with them. */
function isForAll(node: Node): boolean {
  return pinOf(node) === null;
}

const MET: ReadonlySet<string> = new Set(['ready', 'leased', 'uploading', 'held']);

interface Pool {
  /** The spare nodes of the template, the nearest to a job first. */
  own: readonly Node[];
  /** The requests of its pool that are not met. */
  open: readonly OpenRequest[];
  /** A job waits for room in its cloud. */
  standsBack: boolean;
}

function planPool(draft: Draft, template: Template, { own, open, standsBack }: Pool): void {
  const { pools, currentVersions, now } = draft.situation;
  const { cloud, stream } = template;
  const version = stream === null ? null : (currentVersions.get(versionKey({ cloud, stream })) ?? null);
  const { keep, retire, wanted, giveUp } = replacements(own, pools.target(template, now), (node) =>
    pools.outdated(node, template, version, now),
  );
  for (const leaving of retire) letGo(draft, leaving);
  for (const node of own) lookAgain(draft, agesAt(node, template, now));

  const lacking = Math.max(0, wanted - keep.length);
  const onTheirWay = new Set(own.map((node) => node.request_id));
  const waiting = open.filter(({ id }) => !onTheirWay.has(id));
  draft.plan.withdrawn.push(...waiting.slice(lacking));
  for (let index = 0; index < lacking; index += 1) {
    const request = waiting[index] ?? null;
    if (standsBack) {
      const reason = `jobs wait for room in cloud ${template.cloud}`;
      if (request !== null) decline(draft, request, template, { code: 'quota', reason, until: null });
      return;
    }
    const refusal = draft.refusals.of(template, null);
    if (refusal === null) {
      launch(draft, { template, request, isHedge: false });
      continue;
    }
    if (request !== null) decline(draft, request, template, refusal);
    lookAgain(draft, refusal.until);
    if (giveUp !== null && refusal.code === 'quota') letGo(draft, giveUp);
    return;
  }
}

/** When the node gets too old, if that is still to come. */
function agesAt({ state, ready_at: readyAt }: Node, { pool }: Template, now: number): number | null {
  if (state !== 'ready' || readyAt === null || pool.maxReadyAgeMs === null) return null;
  const at = readyAt + pool.maxReadyAgeMs;
  return at > now ? at : null;
}

/**
 * Lets go of nodes that were made for one version of an image, where no job wants that: nobody else may have them.
 *
 * @param unmet requests without a node; one may have been kept from its own by its project's limit
 */
export function letGoOfPinned(draft: Draft, spare: readonly Node[], unmet: readonly OpenRequest[]): void {
  const asking = unmet.filter(({ images }) => images !== null);
  for (const node of spare) {
    if (isForAll(node) || asking.some(({ images }) => hasWantedImage(node, images))) continue;
    letGo(draft, { node, reason: 'no job asks for its image any more' });
  }
}

/** A node that somebody cordoned stays to be looked at; one whose launch is under way goes once the cloud has answered. */
function letGo({ situation, plan }: Draft, leaving: Leaving): void {
  const { node } = leaving;
  if (cordonOf(node, situation.cordons) !== null) return;
  if (node.state !== 'planned' && node.state !== 'launching') plan.retire.push(leaving);
}
