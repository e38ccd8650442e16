import { type Document, isScalar, visit, type YAMLError } from 'yaml';
import type { Finding } from './finding.ts';
import { describeSyntaxError } from './syntax-sentence.ts';

/** After one of these the tree is still what the author meant, but for the one value. */
const HARMLESS: ReadonlySet<YAMLError['code']> = new Set([
  'BAD_ALIAS',
  'ALIAS_PROPS',
  'BAD_DQ_ESCAPE',
  'BAD_SCALAR_START',
  'MULTIPLE_ANCHORS',
  'MULTIPLE_TAGS',
  'NON_STRING_KEY',
  'TAG_RESOLVE_FAILED',
  'BAD_COLLECTION_TYPE',
]);

/** Whether what follows the error in the tree may be an accident. */
export function isStructural(error: YAMLError): boolean {
  return !HARMLESS.has(error.code) && !isSecondColon(error);
}

/** The syntax errors of the document, without those that only follow from an earlier one. */
export function findSyntaxErrors(source: string, document: Document.Parsed): Finding[] {
  const seen = new Set<string | number>();
  const findings: Finding[] = [];
  for (const error of [...document.errors, ...document.warnings].sort((a, b) => a.pos[0] - b.pos[0])) {
    const line = source.lastIndexOf('\n', error.pos[0] - 1);
    // One slip of the indentation makes the same complaint on every line below it.
    if (seen.has(line) || (error.code === 'BAD_INDENT' && seen.has(error.code))) continue;
    seen.add(line).add(error.code);
    const offset = isUnclosedQuote(error) ? openingQuote(document, error.pos[0]) : error.pos[0];
    const code = error.code === 'RESOURCE_EXHAUSTION' ? 'limit' : 'syntax';
    findings.push({ offset, end: offset, code, ...describeSyntaxError(source, error) });
  }
  return findings;
}

/** `run: echo a: b`: only this one value is unclear. */
function isSecondColon({ message }: YAMLError): boolean {
  return message.startsWith('Nested mappings are not allowed');
}

function isUnclosedQuote({ message }: YAMLError): boolean {
  return /^Missing closing .quote/.test(message);
}

/** The parser notices a missing quote at the end of the text; the reader needs to know where it began. */
function openingQuote(document: Document.Parsed, end: number): number {
  let start = end;
  visit(document, {
    Scalar(_key, node) {
      const range = node.range;
      if (isScalar(node) && node.type?.startsWith('QUOTE') && range && range[0] <= end && end <= range[2])
        start = range[0];
    },
  });
  return start;
}
