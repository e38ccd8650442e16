import { formatLabel } from './format.ts';
import { MAX_LABELS, MAX_SOURCE_LENGTH } from './limits.ts';
import { labelInvalid, LabelSyntaxError, refuse } from './problem.ts';
import { quote } from './quoted.ts';
import { readToken } from './read-token.ts';
import { endOf, type LabelToken, type Token } from './token.ts';

/**
 * The labels that a template carries, from text such as `linux x86_64 "has space"`: separated by spaces, quoted as in
 * an expression. In the order of the text, without repeats; none for blank text.
 * @throws FootmanError `label-invalid`, with the column (from 1) in its message.
 */
export function parseLabels(text: string): string[] {
  try {
    return readLabels(text);
  } catch (error) {
    if (error instanceof LabelSyntaxError) throw labelInvalid('label list', error.problem);
    throw error;
  }
}

/** A list that `parseLabels` reads as these labels. */
export function formatLabels(labels: readonly string[]): string {
  return labels.map((label) => (label.includes(',') ? quote(label) : formatLabel(label))).join(' ');
}

function readLabels(text: string): string[] {
  if (text.length > MAX_SOURCE_LENGTH) {
    refuse(0, `the list has ${text.length} characters; at most ${MAX_SOURCE_LENGTH} are allowed`);
  }
  const labels: string[] = [];
  let behind = 0;
  for (let token = readToken(text, 0); token.kind !== 'end'; token = readToken(text, behind)) {
    if (token.offset === behind && behind > 0) refuse(behind, 'a space is missing between two labels');
    if (labels.length === MAX_LABELS) refuse(token.offset, `a list has at most ${MAX_LABELS} labels`);
    labels.push(labelOf(token));
    behind = endOf(token);
  }
  return [...new Set(labels)];
}

function labelOf(token: Token): string {
  if (token.kind !== 'label') {
    refuse(token.offset, `\`${token.text}\` is not a label`, 'quote a label that has such a character in it');
  }
  if (hasBareComma(token)) {
    const hint = `separate labels by spaces, or quote the one label: \`${quote(token.label)}\``;
    refuse(token.offset, `\`${token.text}\` has a comma in it`, hint);
  }
  return token.label;
}

/** The grammar allows it, but in a list it is meant as a separator. */
function hasBareComma({ text }: LabelToken): boolean {
  return !text.startsWith('"') && text.includes(',');
}
