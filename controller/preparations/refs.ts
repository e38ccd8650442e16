import { parseAddress, plainLine, runGit } from '#controller/projects';
import { FootmanError } from '#shared/errors';
import { createQuestions } from './questions.ts';
import { Unprepared } from './unprepared.ts';

/** What repositories say their branches and tags are. */
export interface Refs {
  /**
   * The commit that the ref names now; without one, that of the default branch.
   *
   * @throws Unprepared where asking again does not help, FootmanError `repository-unreachable` where it may
   */
  commitOf(repository: string, ref: string | undefined): Promise<string>;
}

const FULL_COMMIT = /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/;
/** May be a commit's beginning: what no branch and no tag is called stands for itself. */
const SHORT_COMMIT = /^[0-9a-f]{7,63}$/;
const REFUSED =
  /authentication failed|could not read (username|password)|not found|returned error: 4(0[0-7]|1)/i;
const ASK_MS = 60_000;
const MAX_ANSWER = 1024 * 1024;
const MAX_SENTENCE = 300;
/** Repositories that are asked at a time. */
const MOST_AT_ONCE = 4;

/** Whoever wrote the pipeline names the repository, so it is asked as anybody: without a credential, over the network alone. */
export function createRefs(signal: AbortSignal): Refs {
  const questions = createQuestions<string>(MOST_AT_ONCE);
  return {
    async commitOf(repository, ref) {
      if (ref !== undefined && FULL_COMMIT.test(ref)) return ref;
      return questions.ask(`${ref ?? ''} ${repository}`, () => ask(repository, ref, signal));
    },
  };
}

async function ask(repository: string, ref: string | undefined, signal: AbortSignal): Promise<string> {
  const { url, protocol } = addressOf(repository);
  const { code, stdout, stderr } = await runGit(['ls-remote', '--quiet', '--', url, ...namesOf(ref)], {
    signal,
    env: { GIT_ALLOW_PROTOCOL: protocol },
    timeoutMs: ASK_MS,
    maxBytes: MAX_ANSWER,
  });
  if (code !== 0) throw unanswered(repository, stderr);
  const told = new Map(stdout.toString('utf8').split('\n').map(readLine));
  for (const name of namesOf(ref)) {
    const commit = told.get(name);
    if (commit !== undefined && FULL_COMMIT.test(commit)) return commit;
  }
  if (ref !== undefined && SHORT_COMMIT.test(ref)) return ref;
  throw new Unprepared('failure', `${repository} has no ${ref ?? 'default branch'}`);
}

/** Only what the controller can ask as anybody could. */
function addressOf(repository: string): { url: string; protocol: string } {
  let address;
  try {
    address = parseAddress(repository);
  } catch (error) {
    if (!(error instanceof FootmanError)) throw error;
    throw new Unprepared('uncached', error.message);
  }
  const { protocol } = address;
  if (protocol === 'https' || protocol === 'http' || protocol === 'git') return address;
  throw new Unprepared(
    'uncached',
    `the controller can't ask ${repository} which commit it is at: only https://, http:// and git:// can be asked`,
  );
}

/** Full names, the first that is there counts: a branch goes before a tag, and of a tag the commit that it points at. */
function namesOf(ref: string | undefined): string[] {
  if (ref === undefined || ref === 'HEAD') return ['HEAD'];
  if (ref.startsWith('refs/')) return [`${ref}^{}`, ref];
  return [`refs/heads/${ref}`, `refs/tags/${ref}^{}`, `refs/tags/${ref}`];
}

function readLine(line: string): [name: string, commit: string] {
  const [commit = '', name = ''] = line.split('\t');
  return [name, commit];
}

function unanswered(repository: string, told: string): Error {
  const line = told.split('\n').find((one) => /^(fatal|error|remote)/i.test(one)) ?? told.split('\n')[0];
  const words = plainLine((line ?? '').replace(/^(fatal|error): /, ''), MAX_SENTENCE);
  const sentence = `${repository} can't be asked which commit it is at: ${words}`;
  return REFUSED.test(told)
    ? new Unprepared('failure', sentence)
    : new FootmanError('repository-unreachable', sentence);
}
