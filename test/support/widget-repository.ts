import { execFile } from 'node:child_process';
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { Project } from '#controller/store';

const run = promisify(execFile);

/** A bare git repository on the local disk, and a work tree to commit to it from. */
export interface WidgetRepository {
  /** Of the bare repository: what a project names. */
  path: string;
  /** Commits these files on a branch, which is made from `from` (or from nothing) where it is new. Null removes a file. */
  commit(options: CommitOptions): Promise<string>;
  /** An annotated tag; the id of its object. */
  tag(name: string, commit: string): Promise<string>;
  /** Lets a ref point at a commit, as services do with `refs/pull/7/head`; null removes it. */
  point(ref: string, commit: string | null): Promise<void>;
  git(...args: string[]): Promise<string>;
}

interface CommitOptions {
  branch: string;
  files: Record<string, string | null | { link: string }>;
  message?: string;
  from?: string;
}

const ENV = {
  PATH: process.env['PATH'],
  HOME: '/nonexistent',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_AUTHOR_NAME: 'Jane Doe',
  GIT_AUTHOR_EMAIL: 'jane@acme.example',
  GIT_COMMITTER_NAME: 'Jane Doe',
  GIT_COMMITTER_EMAIL: 'jane@acme.example',
};

/** Both are made below the folder. */
export async function createWidgetRepository(folder: string): Promise<WidgetRepository> {
  const path = join(folder, 'widget.git');
  const tree = join(folder, 'tree');
  await mkdir(folder, { recursive: true });
  await git(folder, 'init', '--quiet', '--bare', '--initial-branch=main', path);
  await git(folder, 'init', '--quiet', '--initial-branch=main', tree);

  return {
    path,
    async commit({ branch, files, message = 'A change', from }) {
      await git(tree, 'fetch', '--quiet', path, '+refs/heads/*:refs/remotes/origin/*');
      const known = await git(tree, 'rev-parse', '--verify', `refs/remotes/origin/${branch}`).catch(
        () => from,
      );
      if (known === undefined) await git(tree, 'checkout', '--quiet', '--orphan', `new-${branch}`);
      else await git(tree, 'checkout', '--quiet', '--force', '--detach', known);
      for (const [name, content] of Object.entries(files)) await put(join(tree, name), content);
      await git(tree, 'add', '--all', '--force');
      await git(tree, 'commit', '--quiet', '--allow-empty', '--message', message);
      await git(tree, 'push', '--quiet', '--force', path, `HEAD:refs/heads/${branch}`);
      return git(tree, 'rev-parse', 'HEAD');
    },
    async tag(name, commit) {
      await git(path, 'tag', '--annotate', '--message', name, name, commit);
      return git(path, 'rev-parse', `refs/tags/${name}`);
    },
    async point(ref, commit) {
      await git(path, 'update-ref', ...(commit === null ? ['-d', ref] : [ref, commit]));
    },
    git: (...args) => git(path, ...args),
  };
}

async function put(file: string, content: string | null | { link: string }): Promise<void> {
  await rm(file, { force: true });
  if (content === null) return;
  await mkdir(dirname(file), { recursive: true });
  if (typeof content === 'string') await writeFile(file, content);
  else await symlink(content.link, file);
}

async function git(cwd: string, ...args: string[]): Promise<string> {
  const { stdout } = await run('git', args, { cwd, env: ENV });
  return stdout.trim();
}

/** The row of a project that has the id `p1` and no secrets. */
export function widgetProject(change: Partial<Project> & { repository: string }): Project {
  return {
    id: 'p1',
    name: 'widget',
    provider: 'git',
    api_url: null,
    default_branch: 'main',
    pipelines: ['.footman.yaml', '.footman/*.yaml'],
    token_secret: null,
    ssh_key_secret: null,
    webhook_secret: null,
    known_hosts: null,
    depth: null,
    share: 1,
    max_nodes: null,
    created_at: 0,
    ...change,
  };
}
