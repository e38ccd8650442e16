import type { Cloud } from '#controller/clouds';
import type { OpenCloud, Size, Template } from './open-cloud.ts';
import { templateKey, type TemplateId } from './template-id.ts';

/** The clouds of a controller, in the order of the configuration; a reload puts others in their place. */
export interface Fleet {
  /** Those that are configured. */
  clouds(): readonly OpenCloud[];
  /** All templates that are configured. */
  templates(): readonly Template[];
  /** A configured cloud. */
  cloud(name: string): OpenCloud | undefined;
  template(cloud: string, name: string): Template | undefined;
  /** The last known size of a template's nodes, those of one that is not configured any more included; zero where it was never known. */
  sizeOf(template: TemplateId): Size;
  /** The connection of a cloud, also of one that is not configured any more and still has nodes. */
  connection(name: string): Cloud | undefined;
  /** All connections: what may hold something of ours. */
  connections(): readonly NamedCloud[];
  /** What a configuration asks for from now on; what it does not name any more but still has nodes is leaving. */
  replace(clouds: readonly OpenCloud[], leaving?: readonly NamedCloud[]): void;
}

export interface NamedCloud {
  name: string;
  cloud: Cloud;
}

export function createFleet(initial: readonly OpenCloud[]): Fleet {
  let current = indexed(initial, []);
  const sizes = new Map<string, Size>();
  rememberSizes();

  return {
    clouds: () => current.clouds,
    templates: () => current.templates,
    cloud: (name) => current.byName.get(name),
    template: (cloud, name) =>
      current.byName.get(cloud)?.templates.find((template) => template.name === name),
    sizeOf: (template) => sizes.get(templateKey(template)) ?? { cpus: 0, memoryBytes: 0 },
    connection: (name) => current.connections.find((one) => one.name === name)?.cloud,
    connections: () => current.connections,
    replace(clouds, leaving = []) {
      current = indexed(clouds, leaving);
      rememberSizes();
    },
  };

  function rememberSizes(): void {
    for (const template of current.templates) sizes.set(templateKey(template), template.size);
  }
}

function indexed(clouds: readonly OpenCloud[], leaving: readonly NamedCloud[]) {
  return {
    clouds,
    connections: [...clouds, ...leaving],
    templates: clouds.flatMap(({ templates }) => templates),
    byName: new Map(clouds.map((cloud) => [cloud.name, cloud])),
  };
}
