import type { Clock } from '#controller/clock';
import type { Cloud, CloudResource, Launched, NodeReference } from '#controller/clouds';
import type { CloudModel } from '#simulator/model';
import { createRandom, drawDuration } from '#simulator/random';
import { FootmanError } from '#shared/errors';
import { createFates, type Fate } from './fate.ts';
import { pause } from './pause.ts';

/** What the cloud holds for a node. */
export interface Resource {
  nodeId: string;
  template: string;
  createdAt: number;
  fate: Fate;
}

export interface ScriptedCloud {
  name: string;
  cloud: Cloud;
  /** All that is there, by the node's id. */
  resources: ReadonlyMap<string, Resource>;
}

interface Deps {
  model: CloudModel;
  clock: Clock;
  /** Outages are counted from here, in milliseconds since the epoch. */
  startMs: number;
  seed: number;
  /** Called before anything is made for a node, and before anything of it is removed: whoever breaks a promise by it throws. */
  guard(call: 'launch' | 'remove', nodeId: string): void;
  /** The node's agent would connect after so long. */
  onCreated(resource: Resource): void;
}

/** A cloud after the contract, on a clock of its own; what it does, and how long that takes, is drawn from the model. */
export function createScriptedCloud(deps: Deps): ScriptedCloud {
  const { model, clock, startMs, seed, guard, onCreated } = deps;
  const resources = new Map<string, Resource>();
  const templates = new Map(
    model.templates.map((template) => [
      template.name,
      { ...template, nextFate: createFates(model.name, template, seed) },
    ]),
  );
  const removals = createRandom(seed, `removals of ${model.name}`);

  const cloud: Cloud = {
    capabilities: { snapshot: false, console: false, privateNetwork: false, reboot: false },
    launch: ({ node, template }, signal) => launch(node.id, String(template), signal),
    async *list(signal): AsyncIterable<CloudResource> {
      signal.throwIfAborted();
      answer();
      for (const { nodeId, createdAt } of resources.values())
        yield { id: nodeId, nodeId, kind: 'scripted', createdAt };
    },
    stop: async (_, signal) => {
      signal.throwIfAborted();
      answer();
    },
    remove,
    console: async () => null,
    close: async () => undefined,
  };
  return { name: model.name, cloud, resources };

  async function launch(nodeId: string, name: string, signal: AbortSignal): Promise<Launched> {
    guard('launch', nodeId);
    // What was asked for by an earlier life of the controller is there, and only has to be told again.
    if (resources.has(nodeId)) return { resource: nodeId };
    const template = templates.get(name);
    if (template === undefined) throw new FootmanError('cloud-refused', `there is no template ${name}`);
    const fate = template.nextFate();
    if (fate.outcome === 'abort') throw new FootmanError('cloud-aborted', 'there is no room just now');
    if (fate.outcome === 'hang') await pause(clock, NEVER_MS, signal);
    if (isOut()) fate.outcome = 'failure';
    // The resource is there before the cloud says so: an answer that is lost leaves it behind.
    if (fate.outcome !== 'failure' || fate.leavesBehind) create(nodeId, name, fate);
    await pause(clock, fate.launchMs, signal);
    if (fate.outcome === 'failure') throw new FootmanError('cloud-unavailable', 'the launch failed');
    return { resource: nodeId };
  }

  function create(nodeId: string, template: string, fate: Fate): void {
    const resource = { nodeId, template, createdAt: clock.now(), fate };
    resources.set(nodeId, resource);
    onCreated(resource);
  }

  async function remove({ id }: NodeReference, signal: AbortSignal): Promise<void> {
    guard('remove', id);
    const resource = resources.get(id);
    const template = templates.get(resource?.template ?? '');
    if (resource === undefined || template === undefined) return;
    const ms = drawDuration(removals, template.remove);
    const isFailure = removals.next() < template.rates.removal;
    await pause(clock, ms, signal);
    answer();
    if (isFailure) throw new FootmanError('cloud-unavailable', 'the removal failed');
    resources.delete(id);
  }

  /** @throws FootmanError during an outage. */
  function answer(): void {
    if (isOut()) throw new FootmanError('cloud-unavailable', 'the cloud does not answer');
  }

  function isOut(): boolean {
    const at = clock.now() - startMs;
    return model.outages.some(({ fromMs, untilMs }) => fromMs <= at && at < untilMs);
  }
}

/** Longer than anybody waits. */
const NEVER_MS = 365 * 24 * 60 * 60_000;
