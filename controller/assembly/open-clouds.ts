import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { CloudContext } from '#controller/clouds';
import type { CloudConfiguration, TemplateConfiguration } from '#controller/config';
import type { OpenCloud } from '#controller/provisioner';

type Common = Pick<CloudContext, 'controllerId' | 'endpoints' | 'runtime'>;

/** Opens the configured clouds, each with a folder of its own. No provider is asked for anything yet. */
export function openClouds(
  configured: readonly CloudConfiguration[],
  folder: string,
  common: Common,
): Promise<OpenCloud[]> {
  return Promise.all(configured.map((cloud) => openCloud(cloud, folder, common)));
}

async function openCloud(
  { name, kind, settings, templates, ...limits }: CloudConfiguration,
  folder: string,
  common: Common,
): Promise<OpenCloud> {
  const own = join(folder, name);
  await mkdir(own, { recursive: true, mode: 0o700 });
  return {
    ...limits,
    name,
    kind: kind.kind,
    cloud: await kind.open(settings, { ...common, name, folder: own }),
    templates: templates.map((template) => ({
      ...template,
      cloud: name,
      labels: new Set(template.labels),
      digest: digestOf(template),
    })),
  };
}

/** Of what makes a node of the template what it is: nodes of another digest are not what the template promises. */
function digestOf({ labels, settings }: TemplateConfiguration): string {
  const text = JSON.stringify([[...labels].sort(), settings]);
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
