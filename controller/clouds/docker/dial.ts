import { resolve } from 'node:path';
import { FootmanError } from '#shared/errors';
import type { Endpoints } from '#controller/launchers';
import { isLocal } from './engine-host.ts';
import { SOCKET_MOUNT } from './names.ts';
import type { DockerSettings } from './schema.ts';

export interface Dial {
  /** Where an agent in a container dials. */
  endpoint: string;
  /** Folder on the engine's machine to mount for it; null where it dials by the network. */
  socketFolder: string | null;
}

/**
 * A local engine's containers get the controller's socket: it works without any network. The folder is mounted rather than the socket, so
 * that agents find the socket of a restarted controller.
 */
export function chooseDial(
  settings: Pick<DockerSettings, 'host' | 'agents-dial'>,
  endpoints: Endpoints,
): Dial {
  const choice = settings['agents-dial'] ?? (isLocal(settings.host) ? 'socket' : 'public-url');
  if (choice === 'socket') {
    return {
      endpoint: `unix:${SOCKET_MOUNT}/${endpoints.socketName}`,
      socketFolder: resolve(endpoints.socketFolder),
    };
  }
  if (endpoints.url !== null) return { endpoint: endpoints.url, socketFolder: null };
  const sentence = `agents on the Docker Engine at ${settings.host} have no address to reach the controller at`;
  throw new FootmanError('cloud-refused', sentence, {
    hint: "set the controller's public-url to a URL that works from the engine's machine",
  });
}
