/** Where a repository is, as git takes it, and what of the address must not be on a command line. */
export type Repository =
  | { kind: 'http'; url: string; origin: string; user: string | null; password: string | null }
  | { kind: 'ssh' | 'git'; url: string }
  | { kind: 'local'; url: string };

const SCHEME = /^([a-z][a-z0-9+.-]*):\/\//i;
const HELPER = /^[a-z0-9]+::/i;
/** `host:path` and `user@host:path`, as scp has them: the colon comes before any slash. */
const SCP = /^[^/:]+:(?!\/\/)/;

/** The repository at an address: a URL, `host:path` or a path on the node; undefined for one that git is not to be given. */
export function parseRepository(address: string): Repository | undefined {
  if (address === '' || address.startsWith('-') || HELPER.test(address) || hasControls(address))
    return undefined;
  const scheme = SCHEME.exec(address)?.[1]?.toLowerCase();
  if (scheme === 'http' || scheme === 'https') return parseHttp(address);
  if (scheme === 'ssh' || scheme === 'git+ssh' || scheme === 'ssh+git') return { kind: 'ssh', url: address };
  if (scheme === 'git') return { kind: 'git', url: address };
  if (scheme === 'file') return { kind: 'local', url: address };
  if (scheme !== undefined) return undefined;
  return { kind: SCP.test(address) ? 'ssh' : 'local', url: address };
}

function parseHttp(address: string): Repository | undefined {
  if (!URL.canParse(address)) return undefined;
  const url = new URL(address);
  const [user, password] = [url.username, url.password].map(decoded);
  url.username = '';
  url.password = '';
  return { kind: 'http', url: url.href, origin: url.origin, user: user || null, password: password || null };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function hasControls(text: string): boolean {
  // eslint-disable-next-line no-control-regex
  return /[\u0000-\u001f\u007f]/.test(text);
}
