import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRedactor } from './redactor.ts';

/** What a viewer sees of the stream that comes in these pieces. */
function masked(secrets: string[], pieces: (string | Buffer)[]): string {
  const redactor = createRedactor(secrets);
  const shown = pieces.map((piece) => redactor.push(Buffer.from(piece)));
  return Buffer.concat([...shown, redactor.flush()]).toString('latin1');
}

/** Every way to cut the text in two, its ends included. */
function cuts(text: string): [string, string][] {
  return Array.from({ length: text.length + 1 }, (_, at) => [text.slice(0, at), text.slice(at)]);
}

function bytewise(text: string): Buffer[] {
  return [...Buffer.from(text)].map((byte) => Buffer.from([byte]));
}

const SECRET = 's3cr3t/+\'"<&>é\n pässwörd';

describe('a secret is masked', () => {
  const python = JSON.stringify(SECRET).replaceAll(
    /[^ -~]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  test.each([
    ['plain', SECRET],
    ['with carriage returns', SECRET.replaceAll('\n', '\r\n')],
    ['URL-escaped', encodeURIComponent(SECRET)],
    [
      'URL-escaped in lower case',
      encodeURIComponent(SECRET).replaceAll(/%../g, (escape) => escape.toLowerCase()),
    ],
    ['as a form field', encodeURIComponent(SECRET).replaceAll('%20', '+')],
    ['in JSON', JSON.stringify(SECRET).slice(1, -1)],
    ['in JSON of ASCII', python.slice(1, -1)],
    ['quoted for a shell', SECRET.replaceAll("'", String.raw`'\''`)],
    ['in base64', Buffer.from(SECRET).toString('base64')],
    ['in base64 for URLs', Buffer.from(SECRET).toString('base64url')],
  ])('%s, wherever the stream is cut', (_, form) => {
    const text = `a ${form} b`;
    for (const pieces of cuts(text)) expect(masked([SECRET], pieces)).toBe('a *** b');
    expect(masked([SECRET], bytewise(text))).toBe('a *** b');
  });

  test.each([0, 1, 2, 3, 4])('in base64, after %i other bytes', (before) => {
    const secret = 'correct horse battery staple';
    const text = Buffer.from(`${'x'.repeat(before)}${secret}yyy`).toString('base64');
    const shown = masked([secret], [text]);
    expect(shown).toContain('***');
    // What is left decodes to the neighbours, and to no more of the secret than the six bits that it shares with them.
    expect(shown.replace('***', '').length).toBeLessThanOrEqual(
      text.length - Math.floor((secret.length * 8) / 6) + 2,
    );
  });

  test('line by line, when it has several long ones', () => {
    const key = '-----BEGIN KEY-----\nMIIEvQIBADANBgkqh\nkiG9w0BAQEFAASCBKc\n-----END KEY-----\n';
    expect(masked([key], ['  MIIEvQIBADANBgkqh;kiG9w0BAQEFAASCBKc'])).toBe('  ***;***');
  });

  test('in wrapped base64, as the command of that name writes it', () => {
    const secret = 'x'.repeat(40) + 'y'.repeat(40) + 'z'.repeat(40);
    const wrapped = Buffer.from(secret).toString('base64').replaceAll(/.{76}/g, '$&\n');
    expect(masked([secret], [wrapped])).toBe('***\n***\n***'.slice(0, wrapped.split('\n').length * 4 - 1));
  });

  test('without the blanks around it', () => {
    expect(masked(['  token-123\n'], ['token-123'])).toBe('***');
  });
});

describe('secrets that overlap', () => {
  test('are masked as one', () => {
    expect(masked(['abcdef', 'defghi'], ['<abcdefghi>'])).toBe('<***>');
    expect(masked(['abcd', 'abcdefgh'], ['<abcdefgh><abcdef>'])).toBe('<***><***ef>');
    expect(masked(['aaaa'], ['aaaaaaaaaa'])).toBe('***');
  });

  test('wherever the stream is cut', () => {
    for (const pieces of cuts('<abcdefghi>')) expect(masked(['abcdef', 'defghi'], pieces)).toBe('<***>');
  });
});

test('what may become a secret is held back, and nothing else', () => {
  const redactor = createRedactor(['secret']);
  expect(redactor.push(Buffer.from('login: sec')).toString()).toBe('login: ');
  expect(redactor.push(Buffer.from('ond')).toString()).toBe('second');
  expect(redactor.push(Buffer.from('password: ')).toString()).toBe('password: ');
});

test('the beginning of a secret at the very end is shown: it is none', () => {
  expect(masked(['secret'], ['sec'])).toBe('sec');
});

test('too short and empty secrets mask nothing', () => {
  expect(masked(['', ' ', 'a', 'abc'], ['a b abc'])).toBe('a b abc');
});

test('without secrets the bytes are not copied', () => {
  const bytes = Buffer.from('bytes');
  expect(createRedactor([]).push(bytes)).toBe(bytes);
});

test('without a hit the bytes are not copied either', () => {
  const bytes = Buffer.from('no harm in it.');
  expect(createRedactor(['secret']).push(bytes).buffer).toBe(bytes.buffer);
});

// Few letters, so that secrets overlap, repeat, contain and almost match each other all the time.
const letters = fc.constantFrom('a', 'b');
const secretsOf = fc.array(fc.string({ unit: letters, minLength: 4, maxLength: 9 }), {
  minLength: 1,
  maxLength: 4,
});
const piecesOf = fc.array(fc.string({ unit: fc.oneof(letters, fc.constantFrom('.')), maxLength: 12 }), {
  maxLength: 12,
});

test('how a stream is cut never shows in what comes out', () => {
  fc.assert(
    fc.property(secretsOf, piecesOf, (secrets, pieces) => {
      const text = pieces.join('');
      expect(masked(secrets, pieces)).toBe(masked(secrets, [text]));
      expect(masked(secrets, bytewise(text))).toBe(masked(secrets, [text]));
    }),
  );
});

test('exactly the bytes that belong to a secret are masked', () => {
  fc.assert(
    fc.property(secretsOf, piecesOf, (secrets, pieces) => {
      const text = pieces.join('');
      expect(masked(secrets, pieces)).toBe(naively(secrets, text));
    }),
  );
});

test('any secret is masked among any bytes', () => {
  const bytes = fc.uint8Array({ maxLength: 40 });
  fc.assert(
    fc.property(fc.string({ unit: 'binary', minLength: 4 }), bytes, bytes, (secret, before, after) => {
      fc.pre(Buffer.byteLength(secret.trim()) >= 4 && secret.isWellFormed());
      const shown = masked([secret], [Buffer.from(before), Buffer.from(secret), Buffer.from(after)]);
      expect(shown).not.toContain(Buffer.from(secret.trim()).toString('latin1'));
    }),
  );
});

/** The rule, letter by letter: what any secret covers is masked, and secrets that share a byte get one mask. */
function naively(secrets: string[], text: string): string {
  const found = secrets
    .flatMap((secret) => positionsOf(text, secret).map((at) => ({ at, end: at + secret.length })))
    .sort((one, other) => one.at - other.at);
  let shown = '';
  let done = 0;
  for (const { at, end } of found) {
    if (at >= done) shown += `${text.slice(done, at)}***`;
    done = Math.max(done, end);
  }
  return shown + text.slice(done);
}

function positionsOf(text: string, part: string): number[] {
  return Array.from({ length: text.length }, (_, at) => at).filter((at) => text.startsWith(part, at));
}
