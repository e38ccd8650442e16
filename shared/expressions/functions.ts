/** Functions that need more than their arguments; each place says which it has. */
export const STATUS_FUNCTIONS = ['success', 'failure', 'always', 'cancelled'] as const;
export type PlaceFunction = (typeof STATUS_FUNCTIONS)[number] | 'hashFiles';

export interface Signature {
  /** As people write it; letter case counts for nothing. */
  name: string;
  minArgs: number;
  maxArgs: number;
}

const MANY = 255;
/** Also the protocol's limit for one question to an agent. */
const MAX_HASH_GLOBS = 64;

export const SIGNATURES: readonly Signature[] = [
  { name: 'contains', minArgs: 2, maxArgs: 2 },
  { name: 'startsWith', minArgs: 2, maxArgs: 2 },
  { name: 'endsWith', minArgs: 2, maxArgs: 2 },
  { name: 'format', minArgs: 1, maxArgs: MANY },
  { name: 'join', minArgs: 1, maxArgs: 2 },
  { name: 'toJSON', minArgs: 1, maxArgs: 1 },
  { name: 'fromJSON', minArgs: 1, maxArgs: 1 },
  { name: 'case', minArgs: 3, maxArgs: MANY },
  { name: 'hashFiles', minArgs: 1, maxArgs: MAX_HASH_GLOBS },
  { name: 'success', minArgs: 0, maxArgs: 0 },
  { name: 'failure', minArgs: 0, maxArgs: 0 },
  { name: 'always', minArgs: 0, maxArgs: 0 },
  { name: 'cancelled', minArgs: 0, maxArgs: 0 },
];

export function signatureOf(name: string): Signature | undefined {
  const wanted = name.toLowerCase();
  return SIGNATURES.find((signature) => signature.name.toLowerCase() === wanted);
}

export function isStatusFunction(name: string): boolean {
  return STATUS_FUNCTIONS.some((known) => known === name.toLowerCase());
}

/** Functions that not every place has. */
export function placeFunctionOf(name: string): PlaceFunction | undefined {
  const known: readonly PlaceFunction[] = [...STATUS_FUNCTIONS, 'hashFiles'];
  return known.find((candidate) => candidate.toLowerCase() === name.toLowerCase());
}
