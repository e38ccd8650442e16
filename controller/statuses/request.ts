import type { CommitState, CommitStatus, Project } from '#controller/store';
import type { Place } from './api-base.ts';

/** How a provider is told. */
export interface StatusRequest {
  url: string;
  headers: Record<string, string>;
  body: Record<string, string>;
}

interface Telling extends Pick<CommitStatus, 'sha' | 'context' | 'wanted' | 'description'> {
  /** Page of the build, if the controller knows its own address. */
  page: string | undefined;
}

type States = Readonly<Record<CommitState, string>>;

/** https://docs.github.com/en/rest/commits/statuses and Gitea's `CreateStatusOption` know four states. */
const OF_GITHUB: States = {
  pending: 'pending',
  running: 'pending',
  success: 'success',
  failure: 'failure',
  error: 'error',
  cancelled: 'error',
};

/** https://docs.gitlab.com/api/commits/#set-commit-pipeline-status */
const OF_GITLAB: States = {
  pending: 'pending',
  running: 'running',
  success: 'success',
  failure: 'failed',
  error: 'failed',
  cancelled: 'canceled',
};

export function requestOf(
  provider: Project['provider'],
  place: Place,
  token: string,
  telling: Telling,
): StatusRequest {
  const { api, path } = place;
  const { sha, context, wanted, description, page } = telling;
  const link = page === undefined ? {} : { target_url: page };
  if (provider === 'gitlab') {
    return {
      url: `${api}/projects/${encodeURIComponent(path)}/statuses/${sha}`,
      headers: { 'private-token': token },
      body: { state: OF_GITLAB[wanted], name: context, description, ...link },
    };
  }
  const repository = path.split('/').map(encodeURIComponent).join('/');
  return {
    url: `${api}/repos/${repository}/statuses/${sha}`,
    headers: provider === 'github' ? githubHeaders(token) : { authorization: `token ${token}` },
    body: { state: OF_GITHUB[wanted], context, description, ...link },
  };
}

function githubHeaders(token: string): Record<string, string> {
  return {
    authorization: `Bearer ${token}`,
    accept: 'application/vnd.github+json',
    'x-github-api-version': '2022-11-28',
  };
}
