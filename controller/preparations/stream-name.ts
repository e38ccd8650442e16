import { createHash } from 'node:crypto';
import { PREPARED } from '#controller/images';
import type { Recipe, RecipeStep } from './recipe.ts';

/** Raised when what the names are made of changes: then no older image is taken for a newer one. */
const FORMAT = 1;
const DIGITS = 32;

/** What an image stands on and who may start from it. */
export interface Ground {
  scope: string;
  cloud: string;
  /** What the node was made from: the id of a version, or the image as its cloud tells it. */
  base: string;
}

/** Of the stream whose images have the first steps of the recipe done, so many of them. */
export function streamName({ scope, cloud, base }: Ground, recipe: Recipe, steps: number): string {
  const { key, files, env } = recipe;
  const done = recipe.steps.slice(0, steps).map(identityOf);
  const text = canonical({ format: FORMAT, scope, cloud, base, key, files, env, steps: done });
  return PREPARED + createHash('sha256').update(text).digest('hex').slice(0, DIGITS);
}

/** What a step is called and how long it may take changes nothing of what it leaves. */
function identityOf({ step, source }: RecipeStep): object {
  return { ...step, name: undefined, timeoutMs: undefined, source };
}

/** Equal values have one text, in whatever order their keys came. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).toSorted(([one], [other]) => (one < other ? -1 : 1)))
      : part,
  );
}
