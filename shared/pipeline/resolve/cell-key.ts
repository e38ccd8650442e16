import type { Value } from '#shared/expressions';

const MAX_VALUES_LENGTH = 120;

/** What people call a cell: `rados (3, arm)`. One line; two cells may have the same. */
export function cellKey(jobId: string, cell: Record<string, Value>): string {
  const values = Object.values(cell)
    .map(textOf)
    .join(', ')
    .replaceAll(/[\s\p{Cc}]+/gu, ' ')
    .trim();
  const short =
    values.length > MAX_VALUES_LENGTH ? `${values.slice(0, MAX_VALUES_LENGTH)}…`.toWellFormed() : values;
  return `${jobId} (${short})`;
}

function textOf(value: Value): string {
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value);
}
