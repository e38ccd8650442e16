import type { OpenCloud, Template } from './open-cloud.ts';

/** The clouds of a controller, in the order of the configuration; a reload puts others in their place. */
export interface Fleet {
  /** Those that are configured. */
  clouds(): readonly OpenCloud[];
  /** All templates that are configured. */
  templates(): readonly Template[];
  /** A configured cloud. */
  cloud(name: string): OpenCloud | undefined;
  template(cloud: string, name: string): Template | undefined;
  /** What a configuration asks for from now on. */
  replace(clouds: readonly OpenCloud[]): void;
}

export function createFleet(initial: readonly OpenCloud[]): Fleet {
  let current = indexed(initial);

  return {
    clouds: () => current.clouds,
    templates: () => current.templates,
    cloud: (name) => current.byName.get(name),
    template: (cloud, name) =>
      current.byName.get(cloud)?.templates.find((template) => template.name === name),
    replace(clouds) {
      current = indexed(clouds);
    },
  };
}

function indexed(clouds: readonly OpenCloud[]) {
  return {
    clouds,
    templates: clouds.flatMap(({ templates }) => templates),
    byName: new Map(clouds.map((cloud) => [cloud.name, cloud])),
  };
}
