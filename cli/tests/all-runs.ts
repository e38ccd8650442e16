import type { TestRunList } from '#controller/api';
import type { RunsQuery } from '../client/index.ts';

export type RunPages = (query: RunsQuery) => Promise<TestRunList>;

/** All pages as one. */
export async function allRuns(ask: RunPages, query: RunsQuery): Promise<Omit<TestRunList, 'next'>> {
  const { next, ...list } = await ask(query);
  for (let after = next; after !== null;) {
    const page = await ask({ ...query, after });
    list.tests.push(...page.tests);
    after = page.next;
  }
  return list;
}
