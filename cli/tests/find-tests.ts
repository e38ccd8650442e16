import type { Test } from '#controller/api';
import { FootmanError } from '#shared/errors';
import type { Client, TestsQuery } from '../client/index.ts';
import { testName } from './words.ts';

/** Those that a name is looked for in. */
const MOST = 1000;
/** Those that are told when a name is not enough. */
const SHOWN = 10;

/** The tests that are meant: those of just this name, in whatever job; else the only one that has it in its names. @throws FootmanError `not-found` */
export async function findTests(
  client: Client,
  name: string,
  where: Omit<TestsQuery, 'query' | 'limit'>,
): Promise<Test[]> {
  const { tests } = await client.tests.list({ ...where, query: name, limit: MOST });
  const found = [...new Map(tests.map((test) => [test.id, test])).values()];
  for (const nameOf of [testName, ({ name: own }: Test) => own]) {
    const named = found.filter((test) => nameOf(test) === name);
    if (isOneTest(named)) return named;
  }
  if (found.length > 0 && isOneTest(found)) return found;
  if (found.length === 0) {
    throw new FootmanError('not-found', `there is no test ${name}${wordsOf(where)}`, {
      hint: '`footman tests ls --query TEXT` lists those with a text in their names',
    });
  }
  const names = [...new Set(found.map((test) => testName(test)))];
  const more = names.length > SHOWN ? `, and ${names.length - SHOWN} more` : '';
  throw new FootmanError('not-found', `${name} may be one of several tests`, {
    hint: `name one of ${names.slice(0, SHOWN).join(', ')}${more}`,
  });
}

function wordsOf({ project, pipeline, branch }: TestsQuery): string {
  const places = Object.entries({ project, pipeline, branch }).filter(([, value]) => value !== undefined);
  return places.length === 0 ? '' : ` of ${places.map(([key, value]) => `${key} ${value}`).join(', ')}`;
}

/** Jobs, and cells of a matrix, may have the same one. */
function isOneTest([first, ...others]: readonly Test[]): boolean {
  return first !== undefined && others.every((other) => testName(other) === testName(first));
}
