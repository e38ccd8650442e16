import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A repository that tests fill. */
export interface Repository {
  path: string;
  git(...words: string[]): Promise<string>;
  /** Writes the files and commits them; returns the commit. */
  commit(files: Record<string, string>, message?: string): Promise<string>;
}

const AUTHOR = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', '-c', 'commit.gpgSign=false'];

export async function makeRepository(path: string): Promise<Repository> {
  await mkdir(path, { recursive: true });
  await git('init', '--quiet', '--initial-branch=main');
  return { path, git, commit };

  async function git(...words: string[]): Promise<string> {
    const options = {
      cwd: path,
      env: { ...process.env, GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null' },
    };
    const { stdout } = await run('git', [...AUTHOR, '-c', 'protocol.file.allow=always', ...words], options);
    return stdout.trim();
  }

  async function commit(files: Record<string, string>, message = 'A change'): Promise<string> {
    for (const [name, content] of Object.entries(files)) {
      await mkdir(dirname(join(path, name)), { recursive: true });
      await writeFile(join(path, name), content);
    }
    await git('add', '--all');
    await git('commit', '--quiet', '--allow-empty', '-m', message);
    return git('rev-parse', 'HEAD');
  }
}
