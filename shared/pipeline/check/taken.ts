import { isTemplate } from '#shared/expressions';
import { nearest } from '#shared/nearest';
import { isTaken, namesLeft } from './artifacts.ts';
import { needsOf } from './needs.ts';
import { type Draft, entry, items } from '../draft.ts';
import { MAX_ARTIFACTS } from '../limits.ts';
import { ARTIFACT_NAME } from '../names.ts';
import type { Workshop } from './workshop.ts';

/** With more names than this, their list helps nobody. */
const MOST_LISTED = 10;

interface Taker {
  id: string;
  job: Draft;
  /** What says which artifacts: the job itself, or that of its template; none if there is no such template. */
  own: Draft | undefined;
  /** Names of what it leaves; undefined where nothing tells. */
  leaves: readonly string[] | undefined;
}

/** Every job takes artifacts only of jobs that it needs, and those that they leave. A template's are those of the job that uses it. */
export function checkTaken(jobs: ReadonlyMap<string, Draft>, { expansions, report }: Workshop): void {
  const takers = new Map([...jobs].map(([id, job]) => [id, createTaker(id, job)]));
  for (const taker of takers.values()) {
    if (taker.own === undefined) continue;
    const needs = needsOf(taker.job).flatMap(({ value }) => (typeof value === 'string' ? [value] : []));
    // More of them than that are a problem of its own.
    const taken = items(entry(taker.own, 'artifacts')).slice(0, MAX_ARTIFACTS).filter(isTaken);
    for (const item of taken) checkItem(taker, needs, item);
    if (taker.own === taker.job) checkTwice(taken);
  }

  function createTaker(id: string, job: Draft): Taker {
    const own = expansions.ownJob(job);
    const leaves = own && namesLeft(own).flatMap(({ value }) => (typeof value === 'string' ? [value] : []));
    return { id, job, own, leaves: leaves?.slice(0, MAX_ARTIFACTS) };
  }

  function checkItem({ id, job, own }: Taker, needs: readonly string[], item: Draft): void {
    const { path, value: from } = entry(item, 'from');
    if (typeof from !== 'string' || from.trim() === '' || isTemplate(from)) return;
    // The template is right; who uses it is not.
    const user = own === job ? undefined : entry(job, 'uses').path;
    if (from === id) {
      const hint = 'its files are in its workspace anyway';
      report(user ?? path, `the job ${JSON.stringify(id)} can't take what it leaves itself`, { hint });
    } else if (!needs.includes(from)) {
      const what = user === undefined ? 'this job takes' : 'the template takes';
      const whose = user === undefined ? 'it' : 'this job';
      report(user ?? path, `${what} artifacts from ${JSON.stringify(from)}, which ${whose} doesn't need`, {
        hint: takers.has(from) ? `add it: needs: [${[...needs, from].join(', ')}]` : hintForJob(from, needs),
      });
    } else checkLeft(id, from, item, user);
  }

  /** What the other job leaves, as far as its file tells. */
  function checkLeft(id: string, from: string, item: Draft, user: Draft['path'] | undefined): void {
    const names = takers.get(from)?.leaves;
    const { path, value: name } = entry(item, 'name');
    const giver = `the job ${JSON.stringify(from)}`;
    if (names === undefined) return;
    if (names.length === 0) {
      const hint = hintForGiver(id);
      report(user ?? entry(item, 'from').path, `${giver} leaves no artifacts`, { hint });
    } else if (typeof name === 'string' && ARTIFACT_NAME.test(name) && !mayBe(name, names)) {
      const hint = hintForName(name, names);
      report(user ?? path, `${giver} leaves no artifact ${JSON.stringify(name)}`, { hint });
    }
  }

  function hintForGiver(taker: string): string {
    const givers = [...takers.values()].filter(({ id, leaves = [] }) => id !== taker && leaves.length > 0);
    if (givers.length === 0) return 'write "artifacts" with "paths" in that job';
    const names = givers.slice(0, MOST_LISTED).map(({ id }) => id);
    return `these jobs leave some: ${names.join(', ')}`;
  }

  function checkTwice(taken: readonly Draft[]): void {
    const seen = new Set<string>();
    for (const item of taken) {
      const what = JSON.stringify(['from', 'name', 'path'].map((key) => entry(item, key).value ?? null));
      if (seen.has(what)) report(item.path, 'the same is taken twice', { hint: 'take one of the two away' });
      seen.add(what);
    }
  }
}

/** A template may become any name. */
function mayBe(name: string, names: readonly string[]): boolean {
  return names.includes(name) || names.some(isTemplate);
}

function hintForJob(from: string, needs: readonly string[]): string {
  const [meant] = nearest(from, needs, 1);
  return meant === undefined ? 'there is no such job' : `did you mean ${JSON.stringify(meant)}?`;
}

function hintForName(name: string, names: readonly string[]): string {
  const [meant] = nearest(name, names, 1);
  if (meant !== undefined) return `did you mean ${JSON.stringify(meant)}?`;
  return `it leaves: ${names.slice(0, MOST_LISTED).join(', ')}`;
}
