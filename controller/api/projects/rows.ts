import { parseAddress } from '#controller/projects';
import type { Project, ProjectPatch, Provider } from '#controller/store';
import type { z } from 'zod';
import type { ProjectChange } from './schema.ts';

type Change = z.output<typeof ProjectChange>;

/** What a change means for the row; what is not named stays. @throws FootmanError `request-invalid` for a repository that can't be used. */
export function patchOf(change: Change): ProjectPatch {
  if (change.repository !== undefined) parseAddress(change.repository);
  const patch = {
    provider: change.provider === undefined ? undefined : providerOf(change.provider),
    repository: change.repository,
    api_url: change.apiUrl,
    default_branch: change.defaultBranch,
    pipelines: change.pipelines,
    token_secret: change.tokenSecret,
    ssh_key_secret: change.sshKeySecret,
    webhook_secret: change.webhookSecret,
    known_hosts: change.knownHosts,
    depth: change.depth,
    share: change.share,
    max_nodes: change.maxNodes,
  };
  return Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined));
}

/** Forgejo speaks as Gitea does. */
export function providerOf(provider: Provider | 'forgejo'): Provider {
  return provider === 'forgejo' ? 'gitea' : provider;
}

/** Whether the mirror of the one is of no use to the other. */
export function movesElsewhere(before: Project, after: Project): boolean {
  return before.repository !== after.repository;
}
