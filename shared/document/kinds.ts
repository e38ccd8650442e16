/** What a reader calls the kinds of values; a schema's own words for them are a programmer's. */
const EXPECTED: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true/false',
  array: 'a list',
  object: 'a mapping of keys to values',
  record: 'a mapping of keys to values',
  null: 'empty',
};

/** UTF-16 code units of a value that are shown in a sentence. */
const LONGEST_QUOTE = 60;

/** The kind that a schema expects, in words: "a list". */
export function describeKind(expected: string): string {
  return EXPECTED[expected] ?? expected;
}

/** A value of the document in words: `the number 5`, `"zsh"`, `a list`. */
export function describeValue(value: unknown): string {
  if (value === null || value === undefined) return 'empty';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a mapping';
  if (typeof value === 'string') return quote(value);
  return typeof value === 'number' ? `the number ${value}` : JSON.stringify(value);
}

/** `a, b or c`. */
export function oneOf(words: readonly string[]): string {
  const last = words.at(-1) ?? '';
  return words.length < 2 ? last : `${words.slice(0, -1).join(', ')} or ${last}`;
}

/** The text in double quotes, shortened to what fits into a sentence. */
export function quote(text: string): string {
  return JSON.stringify(text.length > LONGEST_QUOTE ? `${text.slice(0, LONGEST_QUOTE)}…` : text);
}
