/** Shorter forms than this would mask what is no secret; the controller refuses such secrets. */
const MIN_FORM_BYTES = 4;
/** A line of a longer secret is a secret of its own from this length on. */
const MIN_LINE_CHARACTERS = 8;
/** Widths at which `base64` and `openssl base64` break their lines. */
const BASE64_WIDTHS = [76, 64];

/**
 * Every form of the secrets that must not be seen in a log: plain (and its single lines), in base64 wherever it stands in what was
 * encoded, in URLs, in JSON, and quoted for a shell.
 */
export function formsOf(secrets: readonly string[]): Buffer[] {
  const forms = new Set<string>();
  for (const secret of secrets) {
    const plain = secret.trim();
    for (const text of new Set([plain, ...linesOf(plain)])) {
      for (const form of textForms(text)) forms.add(Buffer.from(form).toString('latin1'));
    }
    // What is encoded is the exact value more often than the trimmed one.
    for (const text of new Set([secret, plain])) {
      for (const form of base64Forms(Buffer.from(text))) forms.add(form);
    }
  }
  return [...forms]
    .map((form) => Buffer.from(form, 'latin1'))
    .filter(({ length }) => length >= MIN_FORM_BYTES);
}

function linesOf(text: string): string[] {
  if (!text.includes('\n')) return [];
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter(({ length }) => length >= MIN_LINE_CHARACTERS);
}

function textForms(text: string): string[] {
  const json = JSON.stringify(text).slice(1, -1);
  return [
    text,
    text.replaceAll(/\r?\n/g, '\r\n'),
    text.replaceAll("'", String.raw`'\''`),
    ...urlForms(text),
    json,
    json.replaceAll('/', String.raw`\/`),
    escapeUnicode(json, /[^\x20-\x7e]/g),
    // Go escapes what HTML would take for markup.
    escapeUnicode(json, /[<>&\u2028\u2029]/g),
  ];
}

function urlForms(text: string): string[] {
  const component = encodeURIComponent(text.toWellFormed());
  const strict = component.replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return [component, strict].flatMap((form) => [
    form,
    form.replaceAll('%20', '+'),
    form.replaceAll('%2F', '/'),
    form.replaceAll(/%[0-9A-F]{2}/g, (escape) => escape.toLowerCase()),
  ]);
}

function escapeUnicode(text: string, characters: RegExp): string {
  return text.replaceAll(characters, (character) => {
    const code = character.charCodeAt(0).toString(16).padStart(4, '0');
    return String.raw`\u${code}`;
  });
}

function base64Forms(bytes: Buffer): string[] {
  const whole = bytes.toString('base64');
  const forms = [
    whole,
    ...BASE64_WIDTHS.flatMap((width) => wrap(whole, width)),
    ...[0, 1, 2].map((shift) => base64Within(bytes, shift)),
  ];
  return forms.flatMap((form) => [form, form.replaceAll('+', '-').replaceAll('/', '_')]);
}

/**
 * The characters that encode nothing but these bytes, when `shift` bytes (modulo 3) stand before them: those at the edges also depend
 * on the neighbours.
 */
function base64Within(bytes: Buffer, shift: number): string {
  const encoded = Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64');
  const first = Math.ceil((shift * 8) / 6);
  const end = Math.floor(((shift + bytes.length) * 8) / 6);
  return encoded.slice(first, end);
}

function wrap(text: string, width: number): string[] {
  if (text.length <= width) return [];
  const lines = Array.from({ length: Math.ceil(text.length / width) }, (_, index) =>
    text.slice(index * width, (index + 1) * width),
  );
  return lines.filter(({ length }) => length >= MIN_LINE_CHARACTERS);
}
