import type { Cloud, CloudResource, NodeReference } from '#controller/clouds';
import type { Clock } from '#controller/clock';
import { FootmanError } from '#shared/errors';
import { pause } from '#simulator/clouds';
import { GOOD_LAUNCH, teller, type Fates, type LaunchFate, type RemovalFate } from './fates.ts';

/** What a provider holds for a node. */
export interface ProviderResource {
  nodeId: string;
  createdAt: number;
  fate: LaunchFate;
  /** It came when nobody waited for it any more: its controller had given the launch up, or had died. */
  isLate: boolean;
}

/** A provider of nodes, which outlives controllers; each of their lives connects to it anew. */
export interface Provider {
  name: string;
  resources: ReadonlyMap<string, ProviderResource>;
  /** When it was asked for a node, in milliseconds since the epoch. */
  asked: readonly number[];
  /** When all has come to pass that its script has told so far, in milliseconds since the epoch: from then on it does well. */
  calmAt(): number;
  connect(life: { isAlive(): boolean }): Cloud;
  /** Somebody removes the node by hand. */
  vanish(nodeId: string): void;
}

interface Deps {
  name: string;
  clock: Clock;
  fates: Fates;
  /** Called with each promise that a controller breaks. */
  violation(sentence: string): void;
  /** Whether somebody holds the node. */
  isHeld(nodeId: string): boolean;
  onCreated(resource: ProviderResource): void;
}

const LATE_MS = 10 * 60_000;
/** No controller waits longer for a call that hangs. */
const HANG_MS = 60_000;
const NEVER_MS = 365 * 24 * 60 * 60_000;
/** A listing that lags misses what is younger. */
const LAG_MS = 30_000;
const GOOD_REMOVAL: RemovalFate = { outcome: 'done', ms: 1_000 };

export function createProvider({ name, clock, fates, violation, isHeld, onCreated }: Deps): Provider {
  const resources = new Map<string, ProviderResource>();
  const asked: number[] = [];
  const nextLaunch = teller(fates.launches, GOOD_LAUNCH);
  const nextStop = teller(fates.stops, 'done');
  const nextRemoval = teller(fates.removals, GOOD_REMOVAL);
  const nextListing = teller(fates.listings, 'whole');
  const never = new AbortController().signal;
  let calmAt = clock.now();

  return {
    name,
    resources,
    asked,
    calmAt: () => calmAt,
    connect,
    vanish: (nodeId) => resources.delete(nodeId),
  };

  /** What its script has told takes so long to come to pass. */
  function upset(ms: number): void {
    calmAt = Math.max(calmAt, clock.now() + ms);
  }

  function connect(life: { isAlive(): boolean }): Cloud {
    /** Launches of this life that nobody has told to stop. */
    const underWay = new Set<string>();
    return {
      capabilities: { snapshot: false, console: false, privateNetwork: false, reboot: false },
      async launch({ node: { id } }, signal) {
        asked.push(clock.now());
        underWay.add(id);
        signal.addEventListener('abort', () => underWay.delete(id));
        try {
          await launch(id, signal, () => signal.aborted || !life.isAlive());
          return { resource: id };
        } finally {
          underWay.delete(id);
        }
      },
      list,
      stop: (node, signal) => stop(node, signal),
      async remove(node, signal) {
        if (life.isAlive() && underWay.has(node.id))
          violation(`node ${node.id} was removed while it was being launched (I2)`);
        await remove(node, signal);
      },
      console: async () => null,
      close: async () => undefined,
    };
  }

  async function launch(nodeId: string, signal: AbortSignal, isLate: () => boolean): Promise<void> {
    if (resources.has(nodeId)) return;
    const fate = nextLaunch();
    if (fate !== GOOD_LAUNCH) upset(lastsMs(fate));
    switch (fate.outcome) {
      case 'aborts':
        throw new FootmanError('cloud-aborted', 'there is no room just now');
      case 'fails':
        await pause(clock, fate.launchMs, signal);
        throw new FootmanError('cloud-unavailable', 'the launch failed');
      case 'hangs':
        return pause(clock, NEVER_MS, signal);
      case 'late':
        await pause(clock, LATE_MS, never);
        break;
      case 'accepted':
      case 'loses-answer':
      case 'silent':
        await pause(clock, fate.launchMs, never);
    }
    if (!resources.has(nodeId)) create({ nodeId, createdAt: clock.now(), fate, isLate: isLate() });
    await pause(clock, fate.answerMs, never);
    if (fate.outcome === 'loses-answer') throw new FootmanError('cloud-unavailable', 'the answer was lost');
    signal.throwIfAborted();
  }

  function create(resource: ProviderResource): void {
    resources.set(resource.nodeId, resource);
    onCreated(resource);
  }

  async function* list(signal: AbortSignal): AsyncIterable<CloudResource> {
    const fate = nextListing();
    if (fate !== 'whole') upset(HANG_MS);
    if (fate === 'hangs') await pause(clock, NEVER_MS, signal);
    const now = clock.now();
    for (const { nodeId, createdAt } of resources.values()) {
      if (fate === 'lags' && now - createdAt < LAG_MS) continue;
      yield { id: nodeId, nodeId, kind: 'machine', createdAt };
    }
    // After a part of the answer was read.
    if (fate === 'fails') throw new FootmanError('cloud-unavailable', 'the listing broke off');
  }

  async function stop({ id }: NodeReference, signal: AbortSignal): Promise<void> {
    if (isHeld(id)) violation(`held node ${id} was stopped (I6)`);
    const fate = nextStop();
    if (fate !== 'done') upset(HANG_MS);
    if (fate === 'hangs') await pause(clock, NEVER_MS, signal);
    if (fate === 'fails') throw new FootmanError('cloud-unavailable', 'the node was not stopped');
  }

  async function remove({ id }: NodeReference, signal: AbortSignal): Promise<void> {
    if (isHeld(id)) violation(`held node ${id} was removed (I6)`);
    const fate = nextRemoval();
    if (fate !== GOOD_REMOVAL) upset(HANG_MS);
    const { outcome, ms } = fate;
    if (outcome === 'hangs') await pause(clock, NEVER_MS, signal);
    await pause(clock, ms, signal);
    if (outcome === 'fails') throw new FootmanError('cloud-unavailable', 'the node was not removed');
    resources.delete(id);
    if (outcome === 'loses-answer') throw new FootmanError('cloud-unavailable', 'the answer was lost');
  }
}

/** Until the last of it, which may be that the node goes by itself. */
function lastsMs({ outcome, launchMs, answerMs, connectMs, vanishesAfterMs }: LaunchFate): number {
  if (outcome === 'hangs') return HANG_MS;
  const thereMs = outcome === 'late' ? LATE_MS : launchMs;
  return thereMs + answerMs + connectMs + (vanishesAfterMs ?? 0);
}
