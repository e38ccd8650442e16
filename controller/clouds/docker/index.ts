/** The `docker` cloud: each node is a container on a Docker Engine, local or remote. */
import type { CloudKind } from '../contract.ts';
import { createDockerCloud } from './docker-cloud.ts';
import { openEngine } from './engine.ts';
import { DockerSettings, DockerTemplate } from './schema.ts';

export { DockerSettings, DockerTemplate } from './schema.ts';

export const dockerKind = {
  kind: 'docker',
  images: true,
  settings: DockerSettings,
  template: DockerTemplate,
  open: async (settings, context) => createDockerCloud(await openEngine(settings), settings, context),
} satisfies CloudKind<DockerSettings, DockerTemplate>;
