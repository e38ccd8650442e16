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
  /** A node told which labels those of its template have; it counts while the template is as it was then. */
  learn(learned: Learned): void;
}

/** Labels that a node turned out to have beside those that are configured for its template. */
export interface Learned {
  cloud: string;
  template: string;
  /** The template's at the time. */
  digest: string;
  labels: readonly string[];
}

export interface NamedCloud {
  name: string;
  cloud: Cloud;
}

export function createFleet(initial: readonly OpenCloud[]): Fleet {
  const sizes = new Map<string, Size>();
  const known = new Map<string, Learned>();
  let configured = { clouds: initial, leaving: [] as readonly NamedCloud[] };
  let current = indexed(initial, []);
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
      configured = { clouds: clouds.map(withoutLearned), leaving };
      refresh();
      rememberSizes();
    },
    learn(learned) {
      known.set(templateKey({ cloud: learned.cloud, name: learned.template }), learned);
      refresh();
    },
  };

  function refresh(): void {
    const { clouds, leaving } = configured;
    current = indexed(clouds.map(withLessons), leaving);
  }

  function withLessons(cloud: OpenCloud): OpenCloud {
    return { ...cloud, templates: cloud.templates.map(withLearned) };
  }

  function withLearned(template: Template): Template {
    const learned = known.get(templateKey(template));
    if (learned?.digest !== template.digest || template.factsAsLabels.length === 0) return template;
    const labels = new Set([...template.labels, ...learned.labels]);
    return { ...template, labels, learned: new Set(learned.labels) };
  }

  function rememberSizes(): void {
    for (const template of current.templates) sizes.set(templateKey(template), template.size);
  }
}

/** Clouds that came from a fleet know what was learned then. */
function withoutLearned(cloud: OpenCloud): OpenCloud {
  return {
    ...cloud,
    templates: cloud.templates.map((template) => ({ ...template, ...asConfigured(template) })),
  };
}

/** The labels of a template whose nodes have told nothing. */
export function asConfigured({ labels, learned }: Template): Pick<Template, 'labels' | 'learned'> {
  return { labels: learned === null ? labels : labels.difference(learned), learned: null };
}

function indexed(clouds: readonly OpenCloud[], leaving: readonly NamedCloud[]) {
  return {
    clouds,
    connections: [...clouds, ...leaving],
    templates: clouds.flatMap(({ templates }) => templates),
    byName: new Map(clouds.map((cloud) => [cloud.name, cloud])),
  };
}
