/** Characters that encoders leave as they are, beside letters and digits. */
const KEPT = [
  // RFC 3986, 2.3: Python, Go's paths, curl.
  '-._~',
  // With the separator of paths: Python's default.
  '-._~/',
  // encodeURIComponent
  "-._~!'()*",
  // encodeURI
  "-._~!'()*;,/?:@&=+$#",
  // Forms, as browsers and Java send them.
  '-._*',
];

/** Percent-encoded, with either case of hexadecimal digits, and with + for blanks. */
export function urlForms(text: string): string[] {
  const bytes = [...Buffer.from(text)];
  const forms = KEPT.map((kept) => bytes.map((byte) => encode(byte, kept)).join(''));
  return forms.flatMap((form) => {
    const lower = form.replaceAll(/%[0-9A-F]{2}/g, (escape) => escape.toLowerCase());
    return [form, lower, form.replaceAll('%20', '+'), lower.replaceAll('%20', '+')];
  });
}

function encode(byte: number, kept: string): string {
  const character = String.fromCharCode(byte);
  return /[A-Za-z0-9]/.test(character) || kept.includes(character) ? character : percent(byte);
}

function percent(byte: number): string {
  return `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
}
