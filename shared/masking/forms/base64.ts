/** Widths at which `base64` and `openssl base64` break their lines. */
const WIDTHS = [76, 64];
/** A shorter last line is part of too much else. */
const MIN_LINE_CHARACTERS = 8;

/** In base64 and in that for URLs, with padding and without, wherever it stands in what was encoded, and over lines. */
export function base64Forms(bytes: Buffer): string[] {
  const whole = bytes.toString('base64');
  const forms = [
    ...WIDTHS.flatMap((width) => wrap(whole, width)),
    ...[0, 1, 2].flatMap((shift) => formsAfter(bytes, shift)),
  ];
  return forms.flatMap((form) => [form, form.replaceAll('+', '-').replaceAll('/', '_')]);
}

/**
 * The characters that encode these bytes when `shift` bytes (modulo 3) stand before them. The one at the beginning also depends on those
 * and stays: it tells four bits at most. So does the one at the end, unless nothing follows.
 */
function formsAfter(bytes: Buffer, shift: number): string[] {
  const encoded = Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64');
  const first = Math.ceil((shift * 8) / 6);
  const end = Math.floor(((shift + bytes.length) * 8) / 6);
  const last = encoded.slice(first);
  return [encoded.slice(first, end), last, last.replace(/=+$/, '')];
}

function wrap(text: string, width: number): string[] {
  if (text.length <= width) return [];
  const lines = Array.from({ length: Math.ceil(text.length / width) }, (_, index) =>
    text.slice(index * width, (index + 1) * width),
  );
  return lines.filter(({ length }) => length >= MIN_LINE_CHARACTERS);
}
