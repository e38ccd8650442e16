import { createHash } from 'node:crypto';
import type { Cloud } from '#controller/clouds';
import type { CloudConfiguration, TemplateConfiguration } from '#controller/config';
import type { OpenCloud } from '#controller/fleet';

/** A configured cloud with the connection that serves it. */
export function toOpenCloud(
  { kind, settings: _settings, templates, ...common }: CloudConfiguration,
  cloud: Cloud,
): OpenCloud {
  return {
    ...common,
    kind: kind.kind,
    cloud,
    templates: templates.map((template) => ({
      ...template,
      cloud: common.name,
      labels: new Set(template.labels),
      learned: null,
      digest: digestOf(template),
    })),
  };
}

/** Of what makes a node of the template what it is: nodes of another digest are not what the template promises. */
function digestOf({ labels, stream, settings, factsAsLabels }: TemplateConfiguration): string {
  const learns = factsAsLabels.length === 0 ? [] : [factsAsLabels.toSorted()];
  const made = stream === null ? [] : [{ stream }];
  const text = JSON.stringify([labels.toSorted(), settings, ...learns, ...made]);
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
