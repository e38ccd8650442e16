import type { OpenCloud } from '#controller/fleet';
import type { LabelMatcher } from '#controller/matching';
import { liveNodes, queuedJobs, type Node } from '#controller/store';
import type { Site } from './site.ts';

/** What must hold at every instant, once all that follows from it has happened. Each broken promise as a sentence. */
export async function inspect(
  { store, providers, life, now }: Site,
  clouds: readonly Pick<OpenCloud, 'name' | 'quota' | 'templates'>[],
  matcher: LabelMatcher,
): Promise<string[]> {
  const nodes = await liveNodes(store.db);
  const broken = [...quotas(), ...intents()];
  if (life() !== undefined) broken.push(...(await idleness()));
  return broken.map((sentence) => `at ${now()}: ${sentence}`);

  /** Rows that are not yet gone, and what providers have, count; but for what came when nobody waited for it any more. */
  function quotas(): string[] {
    return clouds.flatMap(({ name, quota, templates }) => {
      const inCloud = nodes.filter(({ cloud }) => cloud === name);
      const ids = new Set(inCloud.map(({ id }) => id));
      for (const { nodeId, isLate } of resourcesOf(name)) if (!isLate) ids.add(nodeId);
      return [
        ...excess(`cloud ${name}`, ids.size, quota.nodes),
        ...templates.flatMap((template) =>
          excess(
            `template ${name}/${template.name}`,
            inCloud.filter((node) => node.template === template.name).length,
            template.quota.nodes,
          ),
        ),
      ];
    });
  }

  /** Nothing comes to be that was not intended (I2). */
  function intents(): string[] {
    const known = new Set(nodes.map(({ id }) => id));
    return clouds.flatMap(({ name }) =>
      resourcesOf(name)
        .filter(({ nodeId, isLate }) => !isLate && !known.has(nodeId))
        .map(({ nodeId }) => `cloud ${name} has node ${nodeId}, which has no living row (I2)`),
    );
  }

  /** No job waits beside a node that it could have (I8). */
  async function idleness(): Promise<string[]> {
    const idle = nodes.filter(isIdle);
    if (idle.length === 0) return [];
    return (await queuedJobs(store.db, 1_000)).flatMap(({ id, runs_on: runsOn }) =>
      idle
        .filter(({ labels }) => matcher.matches(runsOn, labels))
        .map((node) => `job ${id} waits, and node ${node.id} idles (I8)`),
    );
  }

  function resourcesOf(name: string) {
    return [...(providers.find((provider) => provider.name === name)?.resources.values() ?? [])];
  }
}

function isIdle({ state, disconnected_at: disconnectedAt, cordoned }: Node): boolean {
  return state === 'ready' && disconnectedAt === null && cordoned === null;
}

function excess(whose: string, nodes: number, limit: number | null): string[] {
  return limit !== null && nodes > limit ? [`${whose} has ${nodes} nodes, and may have ${limit} (L11)`] : [];
}
