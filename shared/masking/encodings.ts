import { base64Forms } from './forms/base64.ts';
import { hexForms } from './forms/hex.ts';
import { htmlForms } from './forms/html.ts';
import { jsonForms } from './forms/json.ts';
import { shellForms } from './forms/shell.ts';
import { urlForms } from './forms/url.ts';

/** Shorter forms than this would mask what is no secret; the controller refuses such secrets. */
const MIN_FORM_BYTES = 4;
/** A line of a longer secret is a secret of its own from this length on. */
const MIN_LINE_CHARACTERS = 8;

const TEXT_ENCODERS = [shellForms, urlForms, jsonForms, htmlForms];

/**
 * Every form of the secrets that must not be seen in a log: plain (and its single lines), escaped for URLs, JSON, shells and markup, and
 * in base64 and hexadecimal. `docs/usage/secrets.md` lists them for users.
 */
export function formsOf(secrets: readonly string[]): Buffer[] {
  const forms = new Set<string>();
  for (const secret of secrets) {
    const plain = secret.trim();
    for (const text of new Set([plain, ...linesOf(plain)])) addAll(forms, textForms(text));
    // What is encoded is the exact value more often than the trimmed one; or the trimmed one, with the newline of `echo`.
    for (const text of new Set([secret, plain, `${plain}\n`])) {
      const bytes = Buffer.from(text);
      addAll(forms, base64Forms(bytes));
      addAll(forms, hexForms(bytes));
    }
  }
  return [...forms].map((form) => Buffer.from(form)).filter(({ length }) => length >= MIN_FORM_BYTES);
}

function addAll(forms: Set<string>, more: readonly string[]): void {
  for (const form of more) forms.add(form);
}

function linesOf(text: string): string[] {
  if (!text.includes('\n')) return [];
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter(({ length }) => length >= MIN_LINE_CHARACTERS);
}

function textForms(text: string): string[] {
  const unix = text.replaceAll('\r\n', '\n');
  // As a terminal or a file of Windows has it.
  const windows = unix.replaceAll('\n', '\r\n');
  const plain = [...new Set([text, unix, windows])];
  const encoded = plain.flatMap((lines) => TEXT_ENCODERS.flatMap((encode) => encode(lines)));
  return plain.concat(encoded);
}
