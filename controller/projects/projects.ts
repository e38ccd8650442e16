import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Blobs } from '#controller/blobs';
import type { BuildSource, Project } from '#controller/store';
import { FootmanError } from '#shared/errors';
import { BUNDLE_PREFIX } from './bundle.ts';
import { CREDENTIALS_PREFIX, type Keyring } from './credentials.ts';
import { askDefaultBranch, fetchMirror, NEW_SUFFIX, OLD_SUFFIX, removeMirror } from './mirror.ts';
import { createOneAtATime } from './one-at-a-time.ts';
import { endOrphans } from './orphans.ts';
import { readPipelines, type PipelineFile } from './pipeline-files.ts';
import { openRepository, type Repository } from './repository.ts';
import { createSources } from './sources.ts';

/** What of a project tells where its repository is and how to get in. */
export type Remote = Pick<Project, 'name' | 'repository' | 'token_secret' | 'ssh_key_secret' | 'known_hosts'>;

/**
 * The repositories of all projects, each as a bare mirror on the controller's disk. The mirror is a cache: it may be lost at any time.
 * All methods may run at the same time; fetches of one project wait for each other, those of different projects don't.
 */
export interface Projects {
  /** What the repository calls its default branch. @throws FootmanError `repository-unreachable`, `not-found`. */
  defaultBranch(remote: Remote, signal: AbortSignal): Promise<string>;
  /**
   * Brings the mirror up to date: all branches and tags, and `refs` (full names, such as a pull request's).
   *
   * @throws FootmanError `repository-unreachable`
   */
  refresh(project: Project, refs: readonly string[], signal: AbortSignal): Promise<void>;
  /** The mirror as it is now, to be read until the signal aborts. */
  repository(project: Project, signal: AbortSignal): Repository;
  /** The commit's pipeline files, each parsed, in the order of their paths. */
  pipelines(project: Project, commit: string, signal: AbortSignal): Promise<PipelineFile[]>;
  /** The commit and its history as a git bundle in the object storage. */
  source(project: Project, commit: string, ref: string | null, signal: AbortSignal): Promise<BuildSource>;
  /** The value of a secret that the project names; undefined where there is none. */
  secret(project: Pick<Project, 'name'>, name: string): Promise<string | undefined>;
  /** Forgets the mirror of a project that is gone. */
  forget(project: Project): Promise<void>;
}

interface Deps {
  /** For mirrors; made if missing, for the owner's eyes only. */
  folder: string;
  blobs: Blobs;
  /** The value of the nearest secret of that name, or undefined. */
  secretOf(scopes: readonly string[], name: string): Promise<string | undefined>;
}

export async function createProjects({ folder, blobs, secretOf }: Deps): Promise<Projects> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  endOrphans(folder);
  await removeRemains(folder);
  const turns = createOneAtATime();
  const sources = createSources({ blobs, folder, mirrorOf });

  const projects: Projects = {
    defaultBranch: async (remote, signal) => askDefaultBranch(await open(remote), signal),
    refresh: (project, refs, signal) =>
      turns.run(project.id, async () => fetchMirror(mirrorOf(project), await open(project), refs, signal)),
    repository: (project, signal) => openRepository(mirrorOf(project), signal),
    pipelines: (project, commit, signal) =>
      readPipelines(projects.repository(project, signal), commit, project.pipelines),
    source: (project, commit, ref, signal) => sources.of(project, commit, ref, signal),
    secret: ({ name: project }, name) => secretOf([`project:${project}`, 'controller'], name),
    forget: (project) => turns.run(project.id, () => removeMirror(mirrorOf(project))),
  };
  return projects;

  function mirrorOf({ id }: Project): string {
    return join(folder, `${id}.git`);
  }

  async function open(remote: Remote): Promise<{ repository: string; keyring: Keyring; folder: string }> {
    const { repository, token_secret: token, ssh_key_secret: sshKey, known_hosts: knownHosts } = remote;
    const keyring = {
      token: await required(remote, token),
      sshKey: await required(remote, sshKey),
      knownHosts: knownHosts ?? undefined,
    };
    return { repository, keyring, folder };
  }

  async function required(remote: Remote, name: string | null): Promise<string | undefined> {
    if (name === null) return undefined;
    const value = await projects.secret(remote, name);
    if (value !== undefined) return value;
    throw new FootmanError('repository-unreachable', `the project ${remote.name} has no secret ${name}`, {
      hint: `set it: footman secret set --project ${remote.name} ${name}`,
    });
  }
}

/** What a controller that was killed has left: credentials above all. */
async function removeRemains(folder: string): Promise<void> {
  const remains = (await readdir(folder)).filter(
    (name) =>
      [CREDENTIALS_PREFIX, BUNDLE_PREFIX].some((prefix) => name.startsWith(prefix)) ||
      [NEW_SUFFIX, OLD_SUFFIX].some((suffix) => name.endsWith(suffix)),
  );
  await Promise.all(remains.map((name) => rm(join(folder, name), { recursive: true, force: true })));
}
