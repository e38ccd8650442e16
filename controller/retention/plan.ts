import {
  endedBuilds,
  listProjects,
  storedBytesOf,
  totalCacheBytes,
  usesOfBuilds,
  type BuildOutline,
  type Db,
} from '#controller/store';
import { formatBytes } from '#shared/quantity';
import { branchOf, type Fate } from './fate.ts';
import { createLines } from './line.ts';
import { policyOf } from './policy.ts';
import type { RetentionSettings } from '#controller/config';

/** What would become of each build that has ended. */
export interface Plan {
  going: Fate[];
  /** The newest first; none unless asked for. */
  staying: Fate[];
  /** Builds that were looked at. */
  builds: number;
  /** What all of them, and caches, take in the storage; null where nothing limits that. */
  bytes: number | null;
  /** When the next build is too old, in milliseconds since the epoch; null where no age limits any. */
  dueAt: number | null;
}

interface Options {
  withStaying?: boolean;
  signal: AbortSignal;
}

const PAGE = 500;

/**
 * Which builds would go now. Changes nothing; whoever acts on it looks again, behind each build's lock, whether something needs it.
 *
 * - pinned builds stay, and so does what something needs, and the last good build of each pipeline and branch;
 * - more than `atMost` of a pipeline and branch go, the oldest first, and those that are too old, but for the newest `atLeast`;
 * - while all together take too many bytes, the oldest go, be they of the newest of their branch.
 */
export async function planRetention(
  db: Db,
  settings: RetentionSettings,
  now: number,
  { withStaying = false, signal }: Options,
): Promise<Plan> {
  const uses = new Map((await usesOfBuilds(db)).map(({ build, why }) => [build, why]));
  const projects = new Map((await listProjects(db)).map(({ id, name }) => [id, name]));
  const policy = policyOf(settings);
  const lines = createLines();
  const sizes = settings.bytes === null ? undefined : createSizes(db);
  const plan: Plan = { going: [], staying: [], builds: 0, bytes: null, dueAt: null };
  const free: Fate[] = [];

  let before: number | undefined;
  for (;;) {
    signal.throwIfAborted();
    const page = await endedBuilds(db, { before, limit: PAGE });
    await sizes?.add(page);
    for (const build of page) take(build);
    before = page.at(-1)?.number;
    if (page.length < PAGE) break;
  }
  if (sizes !== undefined && settings.bytes !== null) {
    plan.bytes = (await totalCacheBytes(db)) + sizes.total();
    let excess = plan.bytes - settings.bytes - plan.going.reduce((sum, fate) => sum + bytesOf(fate), 0);
    const reason = `all together take more than ${formatBytes(settings.bytes)}`;
    for (const fate of free.toReversed()) {
      if (excess <= 0) break;
      if (bytesOf(fate) === 0) continue;
      excess -= bytesOf(fate);
      plan.going.push({ ...fate, goes: true, reason, dueAt: null });
    }
  }
  if (withStaying) {
    const going = new Set(plan.going.map(({ build }) => build.id));
    plan.staying = plan.staying.filter(({ build }) => !going.has(build.id));
  }
  return plan;

  function take(outline: BuildOutline): void {
    const project = outline.project_id === null ? null : (projects.get(outline.project_id) ?? null);
    const verdict = lines.judge(outline, policy(outline, project), now);
    const spared = sparedBecause(outline);
    const build = toSubject(outline);
    const { goes, reason, dueAt } = verdict;
    const fate: Fate =
      spared === undefined
        ? { build, goes, reason, dueAt }
        : { build, goes: false, reason: spared, dueAt: null };
    plan.builds += 1;
    if (fate.goes) plan.going.push(fate);
    else {
      if (withStaying) plan.staying.push(fate);
      if (fate.dueAt !== null) plan.dueAt = Math.min(plan.dueAt ?? Infinity, fate.dueAt);
      if (sizes !== undefined && spared === undefined && !verdict.isLastGood) free.push(fate);
    }
  }

  function sparedBecause({ id, pinned_by: by, pin_reason: why }: BuildOutline): string | undefined {
    if (by !== null) return `${by} has pinned it${why === null ? '' : `: ${why}`}`;
    return uses.get(id);
  }

  function bytesOf({ build }: Fate): number {
    return sizes?.of(build.id) ?? 0;
  }
}

function toSubject(outline: BuildOutline): Fate['build'] {
  const { id, number, pipeline, project_id, result, finished_at } = outline;
  return { id, number, pipeline, project_id, result, finished_at, branch: branchOf(outline) };
}

/** What builds take in the storage. A source that several are of counts once, and for none of them: it goes with the last. */
function createSizes(db: Db) {
  const builds = new Map<string, number>();
  const sources = new Map<string, number>();
  return {
    async add(page: readonly BuildOutline[]): Promise<void> {
      const ids = page.map(({ id }) => id);
      for (const [id, bytes] of await storedBytesOf(db, ids)) builds.set(id, bytes);
      for (const { source } of page) if (source !== null) sources.set(source.blob, source.bytes);
    },
    of: (id: string) => builds.get(id) ?? 0,
    total: () => sum(builds) + sum(sources),
  };
}

function sum(numbers: ReadonlyMap<string, number>): number {
  return numbers.values().reduce((total, bytes) => total + bytes, 0);
}
