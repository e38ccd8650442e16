import { isTemplate } from '#shared/expressions';
import { nearest } from '#shared/nearest';
import { isTaken, namesLeft } from './artifacts.ts';
import { needsOf } from './needs.ts';
import { type Draft, entry, items } from '../draft.ts';
import type { Workshop } from './workshop.ts';

/** With more names than this, their list helps nobody. */
const MOST_LISTED = 10;

/** Every job takes artifacts only of jobs that it needs, and those that they leave. A template's are those of the job that uses it. */
export function checkTaken(jobs: ReadonlyMap<string, Draft>, { expansions, report }: Workshop): void {
  for (const [id, job] of jobs) {
    const own = expansions.ownJob(job);
    if (own === undefined) continue;
    const needs = needsOf(job).flatMap(({ value }) => (typeof value === 'string' ? [value] : []));
    const taken = items(entry(own, 'artifacts')).filter(isTaken);
    for (const item of taken) checkItem({ id, job, own, needs }, item);
    if (own === job) checkTwice(taken);
  }

  function checkItem({ id, job, own, needs }: Taker, item: Draft): void {
    const { path, value: from } = entry(item, 'from');
    if (typeof from !== 'string' || from.trim() === '' || isTemplate(from)) return;
    // The template is right; who uses it is not.
    const place = own === job ? path : entry(job, 'uses').path;
    if (from === id) {
      report(place, `the job ${JSON.stringify(id)} can't take what it leaves itself`, {
        hint: 'its files are in its workspace anyway',
      });
      return;
    }
    if (!needs.includes(from)) {
      const what = own === job ? 'this job takes' : 'the template takes';
      report(place, `${what} artifacts from ${JSON.stringify(from)}, which is not in its "needs"`, {
        hint: hintForJob(from, needs),
      });
      return;
    }
    checkLeft(from, item, own === job ? undefined : place);
  }

  /** What the other job leaves, as far as its file tells. */
  function checkLeft(from: string, item: Draft, user: Draft['path'] | undefined): void {
    const other = jobs.get(from);
    const giver = other === undefined ? undefined : expansions.ownJob(other);
    if (giver === undefined) return;
    const names = namesLeft(giver).flatMap(({ value }) => (typeof value === 'string' ? [value] : []));
    const name = entry(item, 'name');
    if (names.length === 0) {
      report(user ?? entry(item, 'from').path, `the job ${JSON.stringify(from)} leaves no artifacts`, {
        hint: hintForGivers(),
      });
    } else if (typeof name.value === 'string' && !mayBe(name.value, names)) {
      report(
        user ?? name.path,
        `the job ${JSON.stringify(from)} leaves no artifact ${JSON.stringify(name.value)}`,
        {
          hint: hintForName(name.value, names),
        },
      );
    }
  }

  function hintForGivers(): string {
    const givers = [...jobs].flatMap(([id, job]) => {
      const own = expansions.ownJob(job);
      return own !== undefined && namesLeft(own).length > 0 ? [id] : [];
    });
    if (givers.length === 0) return 'write "artifacts" with "paths" in that job';
    return `these jobs leave some: ${givers.slice(0, MOST_LISTED).join(', ')}`;
  }

  function checkTwice(taken: readonly Draft[]): void {
    const seen = new Set<string>();
    for (const item of taken) {
      const what = JSON.stringify(['from', 'name', 'path'].map((key) => entry(item, key).value ?? null));
      if (seen.has(what)) {
        report(item.path, 'the same is taken twice', { hint: 'take one of the two away' });
      }
      seen.add(what);
    }
  }
}

interface Taker {
  id: string;
  job: Draft;
  /** What says which artifacts: the job itself, or that of its template. */
  own: Draft;
  needs: readonly string[];
}

/** A template may become any name. */
function mayBe(name: string, names: readonly string[]): boolean {
  return isTemplate(name) || names.includes(name) || names.some(isTemplate);
}

function hintForJob(from: string, needs: readonly string[]): string {
  const [meant] = nearest(from, [...needs], 1);
  return meant === undefined
    ? `add it: needs: [${[...needs, from].join(', ')}]`
    : `did you mean ${JSON.stringify(meant)}?`;
}

function hintForName(name: string, names: readonly string[]): string {
  const [meant] = nearest(name, [...names], 1);
  if (meant !== undefined) return `did you mean ${JSON.stringify(meant)}?`;
  return `it leaves: ${names.slice(0, MOST_LISTED).join(', ')}`;
}
