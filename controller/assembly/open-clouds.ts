import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { CloudContext } from '#controller/clouds';
import type { CloudConfiguration } from '#controller/config';
import type { CloudSet } from '#controller/provisioner';

type Common = Pick<CloudContext, 'controllerId' | 'endpoints' | 'runtime'>;

/** Opens the configured clouds, each with a folder of its own. No provider is asked for anything yet. */
export async function openClouds(
  configured: readonly CloudConfiguration[],
  folder: string,
  common: Common,
): Promise<CloudSet> {
  return Promise.all(
    configured.map(async ({ name, kind, settings, maxNodes, templates }) => {
      const own = join(folder, name);
      await mkdir(own, { recursive: true, mode: 0o700 });
      const cloud = await kind.open(settings, { ...common, name, folder: own });
      return {
        name,
        kind: kind.kind,
        cloud,
        maxNodes,
        templates: templates.map((template) => ({
          ...template,
          cloud: name,
          labels: new Set(template.labels),
        })),
      };
    }),
  );
}
