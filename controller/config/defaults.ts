import { availableParallelism, homedir } from 'node:os';
import { join } from 'node:path';

/** Where state goes when nobody says: the XDG base directory for state. */
export function defaultDataFolder(env: NodeJS.ProcessEnv): string {
  return join(env['XDG_STATE_HOME'] ?? join(homedir(), '.local', 'state'), 'footman');
}

export const DEFAULT_LISTEN = '127.0.0.1:8080';

/** What a controller does without a configuration: processes of this machine, and containers of its Docker Engine if it has one. */
export function defaultDocument(): string {
  return `
clouds:
  local:
    kind: process
    max-nodes: ${Math.max(2, availableParallelism())}
    templates:
      host: { labels: process linux ${process.arch} }
  docker:
    kind: docker
    max-nodes: ${Math.max(4, 2 * availableParallelism())}
    templates:
      debian: { labels: docker linux debian ${process.arch}, image: 'debian:bookworm' }
`;
}
