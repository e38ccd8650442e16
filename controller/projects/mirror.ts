import { readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { FootmanError } from '#shared/errors';
import { parseAddress } from './address.ts';
import { openCredentials, TOKEN_USER, type Keyring } from './credentials.ts';
import { git, runGit } from './git.ts';
import { plainLine } from './plain-line.ts';

interface Remote {
  repository: string;
  keyring: Keyring;
  /** Where credentials may lie for as long as git runs. */
  folder: string;
}

/** For the first copy of a large repository over a slow line. */
const FETCH_MS = 15 * 60_000;
const ASK_MS = 60_000;
/** Characters of what git says. */
const MAX_SENTENCE = 500;

/** What the names of mirrors end in that are not whole yet, or not any more. */
export const NEW_SUFFIX = '.new';
export const OLD_SUFFIX = '.old';

const EVERYTHING = ['+refs/heads/*:refs/heads/*', '+refs/tags/*:refs/tags/*'];

/**
 * Brings the bare mirror at `path` up to date with the repository, and makes it where it is missing: all branches and tags, those that are
 * gone removed, and `refs` besides. Not to be run twice at a time for one mirror.
 *
 * @throws FootmanError `repository-unreachable`
 */
export async function fetchMirror(
  path: string,
  remote: Remote,
  refs: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const address = parseAddress(remote.repository);
  if (!(await exists(path))) await makeMirror(path, remote, signal);
  await removeLocks(path);
  const specs = [...EVERYTHING, ...refs.map((ref) => `+${ref}:${ref}`)];
  await using credentials = await openCredentials(address, remote.keyring, remote.folder);
  const { code, stderr } = await runGit(
    [
      'fetch',
      '--quiet',
      '--prune',
      '--no-tags',
      '--no-recurse-submodules',
      '--no-write-fetch-head',
      '--',
      address.url,
      ...specs,
    ],
    { repository: path, env: credentials.env, timeoutMs: FETCH_MS, signal },
  );
  if (code !== 0) throw unreachable(stderr, remote.keyring);
}

/** Whoever dies on the way leaves all of it or, under its own name, nothing. */
export async function removeMirror(path: string): Promise<void> {
  const aside = path + OLD_SUFFIX;
  await rm(aside, { recursive: true, force: true });
  if (await exists(path)) await rename(path, aside);
  await rm(aside, { recursive: true, force: true, maxRetries: 3 });
}

/** What the remote calls its default branch. @throws FootmanError `repository-unreachable`; `not-found` where it has none yet. */
export async function askDefaultBranch(remote: Remote, signal: AbortSignal): Promise<string> {
  const answer = await askHead(remote, signal);
  const branch = /^ref: refs\/heads\/(\S+)\tHEAD$/m.exec(answer)?.[1];
  if (branch !== undefined) return branch;
  throw new FootmanError('not-found', 'the repository does not say what its default branch is', {
    hint: 'push a first commit to it, or name the branch',
  });
}

/** Under another name until it is whole. A repository with SHA-256 names needs a mirror that has them too. */
async function makeMirror(path: string, remote: Remote, signal: AbortSignal): Promise<void> {
  const sha256 = /^[0-9a-f]{64}\tHEAD$/m.test(await askHead(remote, signal));
  const format = sha256 ? 'sha256' : 'sha1';
  const aside = path + NEW_SUFFIX;
  await rm(aside, { recursive: true, force: true });
  await git(['init', '--quiet', '--bare', '--template=', `--object-format=${format}`, aside], { signal });
  // Ours to ask of it: the depth of a build's source begins at any commit.
  await git(['config', 'uploadpack.allowAnySHA1InWant', 'true'], { repository: aside, signal });
  await rename(aside, path);
}

async function askHead(remote: Remote, signal: AbortSignal): Promise<string> {
  const address = parseAddress(remote.repository);
  await using credentials = await openCredentials(address, remote.keyring, remote.folder);
  const { code, stdout, stderr } = await runGit(['ls-remote', '--symref', '--', address.url, 'HEAD'], {
    env: credentials.env,
    timeoutMs: ASK_MS,
    signal,
  });
  if (code !== 0) throw unreachable(stderr, remote.keyring);
  return stdout.toString('utf8');
}

/** The words are the server's, too: it was given the token, and may throw it back to be read by everybody. */
function unreachable(told: string, { token }: Keyring): FootmanError {
  const words = token === undefined ? told : masked(told, token);
  const known = words
    .split('\n')
    .find((line) => /^(fatal|error|remote|ssh|Host key)|Permission denied/i.test(line));
  const sentence = plainLine(
    (known ?? words.split('\n')[0] ?? '').replace(/^(fatal|error): /, ''),
    MAX_SENTENCE,
  );
  return new FootmanError('repository-unreachable', `git can't fetch the repository: ${sentence}`, {
    hint: 'check its address, and the secrets that the project names for it',
  });
}

function masked(words: string, token: string): string {
  const login = token.includes(':') ? token : `${TOKEN_USER}:${token}`;
  const password = login.slice(login.indexOf(':') + 1);
  // The longest first, since one is the end of the other.
  const forms = [login, password].flatMap((form) => [Buffer.from(form).toString('base64'), form]);
  return forms.filter((form) => form !== '').reduce((text, form) => text.replaceAll(form, '***'), words);
}

async function exists(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
}

/** A git that was killed leaves its locks, and nobody else writes here. */
async function removeLocks(path: string): Promise<void> {
  const top = (await readdir(path)).map((name) => join(path, name));
  const refs = (await readdir(join(path, 'refs'), { recursive: true })).map((name) =>
    join(path, 'refs', name),
  );
  const locks = [...top, ...refs].filter((file) => file.endsWith('.lock'));
  await Promise.all(locks.map((file) => rm(file, { force: true })));
}
