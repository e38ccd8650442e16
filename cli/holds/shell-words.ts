/** Characters that mean nothing to a shell. */
const PLAIN = /^[A-Za-z0-9_@%+=:,./-]+$/;

/** A command line for the node's shell: one word is a line as it is, several are the words of a command. */
export function commandOf(words: readonly string[]): string | undefined {
  if (words.length <= 1) return words[0];
  return words.map((word) => (PLAIN.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)).join(' ');
}
