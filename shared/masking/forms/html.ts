/** How encoders write `"` and `'`: not at all; PHP; Python; Go; XML. */
const QUOTES = [
  [undefined, undefined],
  ['&quot;', undefined],
  ['&quot;', '&#39;'],
  ['&quot;', '&#039;'],
  ['&quot;', '&#x27;'],
  ['&#34;', '&#39;'],
  ['&quot;', '&apos;'],
] as const;

/** Escaped for HTML and XML. */
export function htmlForms(text: string): string[] {
  const markup = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return QUOTES.map(([double = '"', single = "'"]) => markup.replaceAll('"', double).replaceAll("'", single));
}
