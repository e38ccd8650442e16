import type { Path } from '#shared/document';

/** A part of a document that may be wrong in any way, and where it is. */
export interface Draft {
  path: Path;
  value: unknown;
}

/** The value's entry, or one without a value. */
export function entry({ path, value }: Draft, key: string): Draft {
  return {
    path: [...path, key],
    value: isMapping(value) && Object.hasOwn(value, key) ? value[key] : undefined,
  };
}

/** The entries of a mapping; none of anything else. */
export function entries({ path, value }: Draft): Map<string, Draft> {
  if (!isMapping(value)) return new Map();
  return new Map(Object.entries(value).map(([key, item]) => [key, { path: [...path, key], value: item }]));
}

/** The items of a list; none of anything else. */
export function items({ path, value }: Draft): Draft[] {
  return Array.isArray(value)
    ? value.map((item: unknown, index) => ({ path: [...path, index], value: item }))
    : [];
}

export function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isScalar(value: unknown): value is string | number | boolean {
  return ['string', 'number', 'boolean'].includes(typeof value);
}
