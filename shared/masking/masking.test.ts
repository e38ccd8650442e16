import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formsOf } from './encodings.ts';
import { createTextMask } from './mask-text.ts';
import { createRedactor } from './redactor.ts';

/** I7 and L17: a secret is not seen in a log, in any form that is promised, however the stream is cut; and nothing else is touched. */

/** Neither is part of any form of the secrets below, so what is masked can be told to the byte. */
const BEFORE = '\u{1}before\u{1}';
const AFTER = '\u{2}after\u{2}';

function masked(secrets: readonly string[], pieces: readonly Uint8Array[]): string {
  const redactor = createRedactor(secrets);
  const shown = pieces.map((piece) => redactor.push(Buffer.from(piece)));
  return Buffer.concat([...shown, redactor.flush()]).toString('latin1');
}

/** The text cut at these places, which may be anywhere: in the middle of a character, too. */
function cutAt(text: string, places: readonly number[]): Buffer[] {
  const bytes = Buffer.from(text);
  const ends = [...places.map((place) => place % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  return ends.map((end, index) => bytes.subarray(index === 0 ? 0 : ends[index - 1], end));
}

function latin(text: string): string {
  return Buffer.from(text).toString('latin1');
}

/** What breaks encoders: quotes, backslashes, newlines, what patterns and shells take for their own, and more than ASCII. */
const character = fc.oneof(
  fc.constantFrom(...Array.from('"\'\\/\n\t $`*+?()[]{}|^.&<>%#~=:;,!@-_')),
  fc.constantFrom('\r\n', 'é', 'ß', 'Ж', '中', '🗝', '\u2028', '\u{7f}'),
  fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 3 }),
);
const secret = fc
  .array(character, { minLength: 4, maxLength: 24 })
  .map((characters) => characters.join(''))
  .filter((text) => text === text.trim() && text.length >= 8);
const places = fc.array(fc.nat(), { maxLength: 6 });

const hex2 = (byte: number): string => byte.toString(16).padStart(2, '0');
const unicode = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
const json = (text: string): string => JSON.stringify(text).slice(1, -1);
const ascii = (text: string): string => json(text).replaceAll(/[^ -~]/g, unicode);
const upper = (text: string): string =>
  text.replaceAll(/\\u[0-9a-f]{4}/g, (e) => `\\u${e.slice(2).toUpperCase()}`);
const percent = (text: string, kept: RegExp): string =>
  [...Buffer.from(text)]
    .map((byte) => String.fromCharCode(byte))
    .map((c) => (kept.test(c) ? c : `%${hex2(c.charCodeAt(0)).toUpperCase()}`))
    .join('');

const NAMED: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  "'": "\\'",
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
};
const repr = (text: string, escape: (byte: number) => string): string =>
  [...Buffer.from(text)]
    .map(
      (byte) =>
        NAMED[String.fromCharCode(byte)] ??
        (byte < 32 || byte > 126 ? escape(byte) : String.fromCharCode(byte)),
    )
    .join('');

/** Each form by its own words, not by those of the code that is tested. */
const FORMS: readonly [string, (secret: string) => string][] = [
  ['plain', (text) => text],
  ['with line ends of a terminal', (text) => text.replaceAll(/\r?\n/g, '\r\n')],
  ['with line ends of Unix', (text) => text.replaceAll('\r\n', '\n')],
  ['base64', (text) => Buffer.from(text).toString('base64')],
  ['base64 for URLs', (text) => Buffer.from(text).toString('base64url')],
  ['base64 without padding', (text) => Buffer.from(text).toString('base64').replaceAll('=', '')],
  ['base64 of an echo', (text) => Buffer.from(`${text}\n`).toString('base64')],
  ['hexadecimal', (text) => Buffer.from(text).toString('hex')],
  ['hexadecimal in upper case', (text) => Buffer.from(text).toString('hex').toUpperCase()],
  ['encodeURIComponent', encodeURIComponent],
  ['encodeURI', encodeURI],
  ['URL in lower case', (text) => encodeURIComponent(text).replaceAll(/%../g, (e) => e.toLowerCase())],
  ['URL by RFC 3986', (text) => percent(text, /[\w.~-]/)],
  ['URL with paths', (text) => percent(text, /[\w.~/-]/)],
  ['form', (text) => new URLSearchParams({ x: text }).toString().slice(2)],
  ['form by RFC 3986', (text) => percent(text, /[\w.~-]/).replaceAll('%20', '+')],
  ['JSON', json],
  ['JSON with escaped slashes', (text) => json(text).replaceAll('/', '\\/')],
  ['JSON of ASCII', ascii],
  ['JSON of ASCII in upper case', (text) => upper(ascii(text))],
  ['JSON of PHP', (text) => ascii(text).replaceAll('/', '\\/')],
  ['JSON of Go', (text) => json(text).replaceAll(/[<>&\u2028\u2029]/g, unicode)],
  ['JSON in JSON', (text) => json(json(text))],
  ['JSON of ASCII in JSON', (text) => json(ascii(text))],
  ['single quotes', (text) => text.split("'").join(`'\\''`)],
  ['single quotes of dash', (text) => text.split("'").join(`'"'"'`)],
  ['double quotes', (text) => text.replaceAll(/["$`\\]/g, (c) => `\\${c}`)],
  ["$'…' of bash without a locale", (text) => repr(text, (byte) => `\\${byte.toString(8).padStart(3, '0')}`)],
  ['repr of bytes in Python', (text) => repr(text, (byte) => `\\x${hex2(byte)}`)],
  ['HTML', (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')],
];

describe('nothing of a secret is shown, and all around it is', () => {
  test.each(FORMS)('%s, cut anywhere', (_, encode) => {
    fc.assert(
      fc.property(secret, places, (text, cuts) => {
        const stream = `${BEFORE}${encode(text)}${AFTER}`;
        expect(masked([text], cutAt(stream, cuts))).toBe(latin(`${BEFORE}***${AFTER}`));
      }),
    );
  });

  test.each(FORMS)('%s, cut at every byte', (_, encode) => {
    const text = 'pa"ss\'w/ö\\rd\n<&>+ $x 🗝 end';
    const stream = `${BEFORE}${encode(text)}${AFTER}`;
    for (let at = 0; at <= Buffer.byteLength(stream); at++) {
      expect(masked([text], cutAt(stream, [at]))).toBe(latin(`${BEFORE}***${AFTER}`));
    }
  });

  test('printf %q of bash', () => {
    const printed = String.raw`x a\ b\$c\"d\{e,f\} y`.replace(',', String.raw`\,`);
    expect(masked(['a b$c"d{e,f}'], [Buffer.from(printed)])).toBe('x *** y');
  });
});

test('in base64 no more of it is shown than bits that it shares with its neighbours', () => {
  fc.assert(
    fc.property(
      secret,
      fc.uint8Array({ maxLength: 8 }),
      fc.uint8Array({ maxLength: 8 }),
      places,
      (text, before, after, cuts) => {
        const whole = Buffer.concat([before, Buffer.from(text), after]).toString('base64');
        const shown = masked([text], cutAt(whole, cuts));
        const [head = '', tail] = shown.split('***');
        expect(tail).toBeDefined();
        expect(head.length).toBeLessThanOrEqual(Math.ceil((before.length * 8) / 6));
        expect((tail ?? '').length).toBeLessThanOrEqual(Math.ceil((after.length * 8) / 6) + 3);
      },
    ),
  );
});

test('the lines of a secret are masked by themselves', () => {
  const line = fc
    .string({ unit: fc.constantFrom(...Array.from('abcXYZ019"\'\\/+=é中')), minLength: 8, maxLength: 20 })
    .filter((text) => text === text.trim());
  fc.assert(
    fc.property(fc.array(line, { minLength: 2, maxLength: 5 }), places, (lines, cuts) => {
      const stream = lines.map((text) => `${BEFORE}${text}${AFTER}`).join('');
      const shown = masked([lines.join('\n')], cutAt(stream, cuts));
      expect(shown).toBe(latin(`${BEFORE}***${AFTER}`.repeat(lines.length)));
    }),
  );
});

describe('several secrets', () => {
  // Parts of one another, overlapping, repeating: all the time, with so few letters.
  const tricky = fc.array(
    fc.string({ unit: fc.constantFrom('a', 'b', '+', '/', '"', '%'), minLength: 4, maxLength: 8 }),
    {
      minLength: 1,
      maxLength: 4,
    },
  );
  const noise = fc.string({
    unit: fc.constantFrom('a', 'b', '+', '/', '"', '%', '\\', '2', 'F', '.'),
    maxLength: 10,
  });

  test('every byte that belongs to a form of one is masked, and no other', () => {
    fc.assert(
      fc.property(tricky, fc.array(noise, { maxLength: 6 }), places, (secrets, parts, cuts) => {
        const forms = formsOf(secrets).map((form) => form.toString('latin1'));
        const text = parts.map((part, index) => part + (forms[(index * 7) % forms.length] ?? '')).join('');
        const shown = masked(secrets, cutAt(text, cuts));
        expect(shown).toBe(byTheRule(forms, text));
        expect(masked(secrets, cutAt(text, []))).toBe(shown);
      }),
      { numRuns: 300 },
    );
  });

  test('a secret that is the beginning of another one hides no less of that', () => {
    fc.assert(
      fc.property(secret, secret, places, (one, other, cuts) => {
        const longer = `${one}${other}`;
        for (const secrets of [
          [one, longer],
          [longer, one],
        ]) {
          expect(masked(secrets, cutAt(`${BEFORE}${longer}${AFTER}`, cuts))).toBe(
            latin(`${BEFORE}***${AFTER}`),
          );
        }
      }),
    );
  });
});

test('text without a secret comes out as it went in', () => {
  fc.assert(
    fc.property(
      fc.array(secret, { minLength: 1, maxLength: 3 }),
      fc.uint8Array({ maxLength: 200 }),
      places,
      (secrets, bytes, cuts) => {
        const forms = formsOf(secrets);
        fc.pre(forms.every((form) => !Buffer.from(bytes).includes(form)));
        const whole = Buffer.from(bytes).toString('latin1');
        const ends = [...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
        const pieces = ends.map((end, index) => bytes.subarray(index === 0 ? 0 : ends[index - 1], end));
        expect(masked(secrets, pieces)).toBe(whole);
      },
    ),
  );
});

test('texts beside the log are masked one by one', () => {
  const mask = createTextMask(['hunter2']);
  expect(mask('the password is hunter2')).toBe('the password is ***');
  expect(mask('er2 is the end of nothing; hunt')).toBe('er2 is the end of nothing; hunt');
  expect(createTextMask([])('hunter2')).toBe('hunter2');
});

/** The rule, letter by letter: what any form covers is masked, and forms that share a byte get one mask. */
function byTheRule(forms: readonly string[], text: string): string {
  const found = Array.from({ length: text.length }, (_, at) => at)
    .flatMap((at) =>
      forms.filter((form) => text.startsWith(form, at)).map((form) => ({ at, end: at + form.length })),
    )
    .sort((one, other) => one.at - other.at);
  let shown = '';
  let done = 0;
  for (const { at, end } of found) {
    if (at >= done) shown += `${text.slice(done, at)}***`;
    done = Math.max(done, end);
  }
  return shown + text.slice(done);
}
