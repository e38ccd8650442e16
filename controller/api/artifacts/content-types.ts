/** How a browser may show a file of a job: as what it is, as plain text, or as a page that can do nothing. */
export interface Showing {
  type: string;
  /** Whether it could run something, where nobody keeps it from that. */
  isActive: boolean;
}

const TEXT = 'text/plain; charset=utf-8';

const IMAGES: Readonly<Record<string, string>> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
};

const PAGES: Readonly<Record<string, string>> = {
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

/** By the end of its name; undefined for what is only ever downloaded. */
export function showingOf(path: string): Showing | undefined {
  const ending = /\.([a-z0-9]+)$/i.exec(path)?.[1]?.toLowerCase() ?? '';
  const image = own(IMAGES, ending);
  if (image !== undefined) return { type: image, isActive: false };
  const page = own(PAGES, ending);
  if (page !== undefined) return { type: page, isActive: true };
  return TEXTS.has(ending) ? { type: TEXT, isActive: false } : undefined;
}

function own(table: Readonly<Record<string, string>>, ending: string): string | undefined {
  return Object.hasOwn(table, ending) ? table[ending] : undefined;
}
