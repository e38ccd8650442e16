const TEXT = 'text/plain; charset=utf-8';

const TYPES: Readonly<Record<string, string>> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
  html: 'text/html; charset=utf-8',
  htm: 'text/html; charset=utf-8',
  svg: 'image/svg+xml',
  pdf: 'application/pdf',
};

const TEXTS: ReadonlySet<string> = new Set(
  'txt log md rst csv tsv json jsonl yaml yml toml ini conf cfg xml diff patch sh bash py js mjs ts c h cc cpp hpp rs go java rb pl sql tap out err'.split(
    ' ',
  ),
);

/** As what a browser may show a file of a job, by the end of its name; undefined for what is only ever downloaded. */
export function shownTypeOf(path: string): string | undefined {
  const ending = /\.([a-z0-9]+)$/i.exec(path)?.[1]?.toLowerCase() ?? '';
  if (TEXTS.has(ending)) return TEXT;
  return Object.hasOwn(TYPES, ending) ? TYPES[ending] : undefined;
}
