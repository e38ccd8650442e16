import { parseAddress } from '#controller/projects';
import { insertProject, isUniqueViolation, newId, type Project } from '#controller/store';
import { lookAtProject } from '#controller/triggers';
import { FootmanError } from '#shared/errors';
import type { z } from 'zod';
import type { ApiDeps } from '../deps.ts';
import { providerOf } from './rows.ts';
import type { NewProject } from './schema.ts';

/** @throws FootmanError `conflict` where the name is taken; `request-invalid`, `repository-unreachable` for its repository. */
export async function createProject(
  { journal, projects }: ApiDeps,
  fresh: z.output<typeof NewProject>,
  signal: AbortSignal,
): Promise<Project> {
  const { name, repository, tokenSecret, sshKeySecret, knownHosts } = fresh;
  parseAddress(repository);
  const remote = {
    name,
    repository,
    token_secret: tokenSecret,
    ssh_key_secret: sshKeySecret,
    known_hosts: knownHosts,
  };
  const defaultBranch = fresh.defaultBranch ?? (await projects.defaultBranch(remote, signal));
  try {
    return await journal.commit(async (tx) => {
      const project = await insertProject(tx.db, {
        ...remote,
        id: newId(),
        provider: providerOf(fresh.provider),
        api_url: fresh.apiUrl,
        default_branch: defaultBranch,
        pipelines: fresh.pipelines,
        webhook_secret: fresh.webhookSecret,
        depth: fresh.depth,
        share: fresh.share,
        max_nodes: fresh.maxNodes,
        created_at: tx.at,
      });
      await tx.record({ kind: 'project', data: { id: project.id, state: 'added', name } });
      await lookAtProject(tx, project);
      return project;
    });
  } catch (error) {
    if (!isUniqueViolation(error)) throw error;
    throw new FootmanError('conflict', `there is a project ${name} already`, { cause: error });
  }
}
