/**
 * The columns of type `Json<…>`, by name. A name is JSON in every table that has it, so a row of a result needs no table to be decoded;
 * a statement must not give such a name to anything else.
 */
const JSON_COLUMNS: ReadonlySet<string> = new Set([
  'data',
  'declines',
  'definition',
  'ending',
  'env',
  'facts',
  'hashes',
  'hold',
  'images',
  'keys',
  'labels',
  'matrix',
  'needs',
  'notice',
  'outputs',
  'parameters',
  'pipelines',
  'placed',
  'preparation',
  'promotion',
  'resolved',
  'source',
  'spec',
  'trigger',
  'verify',
]);

/**
 * A parameter as both databases take it: an object or an array can only be meant for a JSON column. PostgreSQL's text has no NUL, which a
 * hostile agent may send; it is replaced for both databases, so that they keep the same.
 */
export function encodeParameter(value: unknown): unknown {
  if (typeof value === 'string') return value.includes('\0') ? value.replaceAll('\0', '\u{FFFD}') : value;
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  return JSON.stringify(value);
}

/** Which of a result's columns are JSON. */
export function jsonColumns(columns: readonly string[]): string[] {
  return columns.filter((column) => JSON_COLUMNS.has(column));
}

/** Decodes the named columns of a row in place. */
export function decodeRow(row: Record<string, unknown>, columns: readonly string[]): void {
  for (const column of columns) {
    const text = row[column];
    if (typeof text === 'string') row[column] = JSON.parse(text);
  }
}
