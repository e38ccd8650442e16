import { isDeepStrictEqual } from 'node:util';
import { toDocument, type Configuration } from '#controller/config';
import { toChange, type Change } from './change.ts';
import { compareClouds } from './compare-clouds.ts';
import { differences } from './differences.ts';
import { applied } from './live.ts';
import { sentenceOf } from './sentence.ts';
import type { Surroundings } from './surroundings.ts';

/** Everything in which the next configuration differs from the one that runs, by the order of the file, clouds last. */
export function compareConfigurations(
  running: Configuration,
  next: Configuration,
  { nodes, leaving = [] }: Surroundings = { nodes: [] },
): Change[] {
  return [
    ...compareSettings(running, next),
    ...compareStores(running, next),
    ...compareClouds(running.clouds, next.clouds, { nodes, leaving }),
  ];
}

function compareSettings(running: Configuration, next: Configuration): Change[] {
  const { clouds: _running, ...before } = toDocument(running);
  const { clouds: _next, ...after } = toDocument(next);
  const { clouds: _applied, ...now } = toDocument(applied(running, next));
  const late = new Set(differences(now, after).map(({ path }) => path.join('.')));
  return differences(before, after).map((difference) => {
    const waits = late.has(difference.path.join('.'));
    return toChange(difference, {
      takes: waits ? 'restart' : 'now',
      sentence: sentenceOf(difference),
      why: waits ? 'it is read when the controller starts' : null,
    });
  });
}

/** A database's URL holds a password, and comes from the environment of this very process. */
function compareStores({ store: before }: Configuration, { store: after }: Configuration): Change[] {
  if (before.kind !== 'postgres' || after.kind !== 'postgres' || isDeepStrictEqual(before, after)) return [];
  return [
    {
      path: ['store'],
      kind: 'changed',
      takes: 'restart',
      from: null,
      to: null,
      sentence: 'the URL of the database is another one',
      why: 'it is read when the controller starts',
    },
  ];
}
