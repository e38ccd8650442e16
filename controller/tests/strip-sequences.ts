/** Commands to the system behind a terminal (titles, links), control sequences (colours), and other escapes, as ECMA-48 has them. */
const SEQUENCES =
  // oxlint-disable-next-line no-control-regex -- they are what is taken out
  /\u001b[\]PX^_][^\u0007\u001b\n]*(?:\u0007|\u001b\\)|(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]|\u001b[ -/]*[0-~]/g;

/**
 * The text without what was meant for a terminal. `stripVTControlCharacters` of node:util does the same, in quadratic time: a text of a megabyte
 * can keep it busy for half an hour.
 */
export function stripSequences(text: string): string {
  return text.replaceAll(SEQUENCES, '');
}
