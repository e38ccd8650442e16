import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { FootmanError } from '#shared/errors';

const run = promisify(execFile);

/** Most that a git command may print, in bytes: lists of changed files can be long. */
const MAX_OUTPUT = 64 * 1024 * 1024;

interface Options {
  cwd: string;
}

/** A git hook that runs footman says by these which repository is meant; the folder says it better. */
const REPOSITORY_VARIABLES = new Set([
  'GIT_DIR',
  'GIT_WORK_TREE',
  'GIT_INDEX_FILE',
  'GIT_OBJECT_DIRECTORY',
  'GIT_PREFIX',
]);

/** What git prints, without the last line break. @throws FootmanError `host-unfit` with git's own words. */
export async function git(args: readonly string[], options: Options): Promise<string> {
  try {
    const { stdout } = await run('git', [...args], {
      maxBuffer: MAX_OUTPUT,
      env: plainEnvironment(),
      ...options,
    });
    return stdout.trimEnd();
  } catch (cause) {
    const { code, stderr } = cause as { code?: unknown; stderr?: string };
    if (code === 'ENOENT') throw new FootmanError('host-unfit', 'git is not installed', { cause });
    throw new FootmanError('host-unfit', `git ${args[0]}: ${(stderr ?? '').trim() || String(cause)}`, {
      cause,
    });
  }
}

/** The same for a question whose answer may be no. */
export async function tryGit(args: readonly string[], options: Options): Promise<string | undefined> {
  try {
    return await git(args, options);
  } catch {
    return undefined;
  }
}

function plainEnvironment(): NodeJS.ProcessEnv {
  const entries = Object.entries(process.env).filter(([name]) => !REPOSITORY_VARIABLES.has(name));
  return { ...Object.fromEntries(entries), LC_ALL: 'C' };
}
