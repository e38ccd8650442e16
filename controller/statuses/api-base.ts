import type { Project } from '#controller/store';

/** Where a project is in the API of its provider. */
export interface Place {
  /** Without a slash at its end. */
  api: string;
  /** `owner/name`; on GitLab with all its groups. */
  path: string;
}

/** `user@host:path`, git's short form of an SSH address. */
const SCP = /^(?:[^@/\s]+@)?(?<host>[A-Za-z0-9.-]+):(?!\/\/)(?<path>\S+)$/;

/**
 * Derived from the repository's address, unless the project names the API: github.com's is api.github.com, that of GitHub Enterprise, GitLab
 * and Gitea lies under the web address. What comes over SSH is taken for a server that has HTTPS under the same name. Undefined where
 * the address is no provider's.
 */
export function placeOf({
  provider,
  repository,
  api_url: api,
}: Pick<Project, 'provider' | 'repository' | 'api_url'>): Place | undefined {
  const web = webOf(repository);
  if (web === undefined) return undefined;
  if (api !== null) return { api: api.replace(/\/+$/, ''), path: withoutPrefix(web.path, api) };
  const { origin, path } = web;
  switch (provider) {
    case 'github':
      return { api: origin === 'https://github.com' ? 'https://api.github.com' : `${origin}/api/v3`, path };
    case 'gitlab':
      return { api: `${origin}/api/v4`, path };
    case 'gitea':
      return { api: `${origin}/api/v1`, path };
    case 'git':
      return undefined;
  }
}

function webOf(repository: string): { origin: string; path: string } | undefined {
  const scp = SCP.exec(repository)?.groups;
  if (scp !== undefined) return cleaned(`https://${scp['host']?.toLowerCase()}`, scp['path'] ?? '');
  const url = URL.parse(repository);
  if (url === null || url.hostname === '') return undefined;
  const isWeb = url.protocol === 'https:' || url.protocol === 'http:';
  // The port of an SSH server says nothing about its web server.
  if (isWeb) return cleaned(`${url.protocol}//${url.host}`, url.pathname);
  return url.protocol === 'ssh:' || url.protocol === 'git:'
    ? cleaned(`https://${url.hostname.toLowerCase()}`, url.pathname)
    : undefined;
}

function cleaned(origin: string, pathname: string): { origin: string; path: string } | undefined {
  const path = decode(pathname)
    .replaceAll(/^\/+|\/+$/g, '')
    .replace(/\.git$/, '');
  return /^[^/]+(?:\/[^/]+)+$/.test(path) ? { origin, path } : undefined;
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/** A server under a path of its host (`https://host/gitlab`) has that path in both addresses. */
function withoutPrefix(path: string, api: string): string {
  const prefix = (URL.parse(api)?.pathname ?? '').replace(/\/api\/v\d+\/*$/, '').replaceAll(/^\/+|\/+$/g, '');
  return prefix !== '' && path.startsWith(`${prefix}/`) ? path.slice(prefix.length + 1) : path;
}
