import { BooleanData, Kind, StringData, type ExpressionData } from '@actions/expressions/data/index';
import type { Implementation } from './budgeted-functions.ts';
import type { PlaceFunction } from './functions.ts';
import { HashNeeded } from './hash-needed.ts';
import { expressionFailed } from './problem.ts';
import type { Status } from './value.ts';

export interface EvaluateOptions {
  /** The hash of the files that the globs match; undefined if it isn't known yet. Without this, hashFiles() can't be called. */
  hashFiles?: (globs: string[]) => string | undefined;
}

/** The functions of this place, by their names; `status` is known only where an `if` is evaluated. */
export function placeFunctions(
  { hashFiles }: EvaluateOptions,
  status: Status | undefined,
): Map<PlaceFunction, Implementation> {
  const functions = new Map<PlaceFunction, Implementation>();
  if (hashFiles !== undefined) functions.set('hashFiles', (...globs) => hashOf(globs, hashFiles));
  if (status === undefined) return functions;
  functions.set('always', () => new BooleanData(true));
  for (const name of ['success', 'failure', 'cancelled'] as const) {
    functions.set(name, () => new BooleanData(status === name));
  }
  return functions;
}

function hashOf(
  args: readonly ExpressionData[],
  hashFiles: (globs: string[]) => string | undefined,
): StringData {
  const globs = args.map((glob) => {
    if (glob.kind === Kind.String) return glob.coerceString();
    throw expressionFailed('hashFiles: a glob must be text');
  });
  const hash = hashFiles(globs);
  if (hash === undefined) throw new HashNeeded(globs);
  return new StringData(hash);
}
