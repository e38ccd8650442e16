import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { readFile } from 'node:fs/promises';
import { inspect } from 'node:util';
import type { DockerSettings } from './schema.ts';
import { createSshAgent } from './ssh-agent.ts';

/** How to reach an engine, in the words of docker-modem. */
export interface EngineHost {
  protocol: 'http' | 'https';
  socketPath?: string;
  host?: string;
  port?: string;
  agent: HttpAgent;
}

export function isLocal(host: string): boolean {
  return host.startsWith('unix:');
}

/** Reads the TLS files, and asks the engine nothing. */
export async function reachEngine({ host, tls }: Pick<DockerSettings, 'host' | 'tls'>): Promise<EngineHost> {
  if (isLocal(host)) {
    const agent = quiet(new HttpAgent({ keepAlive: true }));
    return { protocol: 'http', socketPath: host.slice('unix://'.length), agent };
  }
  const { protocol, hostname, port, username } = new URL(host);
  // The name stands in the Host header only: the connection is the ssh program's.
  if (protocol === 'ssh:') {
    return { protocol: 'http', host: 'docker', agent: quiet(createSshAgent({ hostname, port, username })) };
  }
  if (tls === undefined) {
    return { protocol: 'http', host: hostname, port, agent: quiet(new HttpAgent({ keepAlive: true })) };
  }
  const [ca, cert, key] = await Promise.all([tls.ca, tls.cert, tls.key].map((path) => readFile(path)));
  const agent = quiet(new HttpsAgent({ keepAlive: true, ca, cert, key }));
  return { protocol: 'https', host: hostname, port, agent };
}

/** docker-modem formats every request's options for its debug log, shown or not: an agent with its sockets takes milliseconds. */
function quiet<A extends HttpAgent>(agent: A): A {
  return Object.defineProperty(agent, inspect.custom, { value: () => 'Agent' });
}
