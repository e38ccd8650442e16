import { cloudDocument, type CloudConfiguration } from '#controller/config';
import { toChange, type Change } from './change.ts';
import type { Surroundings } from './surroundings.ts';
import { compareTemplates } from './compare-templates.ts';
import { isSameConnection } from './connection.ts';
import { differences } from './differences.ts';
import { orderChange } from './order.ts';
import { counted, listOf, sentenceOf } from './sentence.ts';

/** Keys that bound a cloud; all others say what it is and how it is spoken to. */
const LIMITS: ReadonlySet<string> = new Set([
  'max-nodes',
  'max-cpus',
  'max-memory',
  'launch-rate',
  'reserve',
]);

export function compareClouds(
  running: readonly CloudConfiguration[],
  next: readonly CloudConfiguration[],
  surroundings: Required<Surroundings>,
): Change[] {
  const before = new Map(running.map((cloud) => [cloud.name, cloud]));
  const after = new Map(next.map((cloud) => [cloud.name, cloud]));
  return [
    ...running.filter(({ name }) => !after.has(name)).map((cloud) => removed(cloud, surroundings)),
    ...next.flatMap((cloud) => {
      const old = before.get(cloud.name);
      return old === undefined ? [added(cloud, surroundings)] : compareCloud(old, cloud, surroundings);
    }),
    ...orderChange(['clouds'], 'clouds', [...before.keys()], [...after.keys()]),
  ];
}

function added(cloud: CloudConfiguration, { nodes, leaving }: Required<Surroundings>): Change {
  const { name, kind, templates } = cloud;
  const labels = templates.map((template) => template.name);
  const old = leaving.find((one) => one.name === name);
  const why = old === undefined || isSameConnection(old, cloud) ? null : livingNodes(name, nodes);
  return {
    path: ['clouds', name],
    kind: 'added',
    takes: why === null ? 'now' : 'refused',
    from: null,
    to: null,
    sentence: `cloud ${name} (${kind.kind}) is added, with ${labels.length === 0 ? 'no template' : `${labels.length === 1 ? 'the template' : 'the templates'} ${listOf(labels)}`}`,
    why,
  };
}

function removed({ name }: CloudConfiguration, { nodes }: Required<Surroundings>): Change {
  const count = nodes.filter(({ cloud }) => cloud === name).length;
  const until =
    count === 0
      ? ''
      : `; it stays open until its ${counted(count, 'node')} ${count === 1 ? 'is' : 'are'} gone`;
  return {
    path: ['clouds', name],
    kind: 'removed',
    takes: 'now',
    from: null,
    to: null,
    sentence: `cloud ${name} is removed${until}`,
    why: null,
  };
}

function compareCloud(
  old: CloudConfiguration,
  cloud: CloudConfiguration,
  { nodes }: Required<Surroundings>,
): Change[] {
  const { name } = cloud;
  const { templates: _old, ...before } = cloudDocument(old);
  const { templates: _new, ...after } = cloudDocument(cloud);
  const found = differences(before, after, ['clouds', name]).map((difference) => {
    const why = LIMITS.has(difference.path[2] ?? '') ? null : livingNodes(name, nodes);
    const takes = why === null ? 'now' : 'refused';
    return toChange(difference, { takes, sentence: sentenceOf(difference, `cloud ${name}`, 2), why });
  });
  return [...found, ...compareTemplates(name, old.templates, cloud.templates)];
}

/** Why it can't be spoken to in another way now: whoever made the nodes must remove them. */
function livingNodes(name: string, nodes: Surroundings['nodes']): string | null {
  const count = nodes.filter(({ cloud }) => cloud === name).length;
  if (count === 0) return null;
  return `it still has ${counted(count, 'node')}, which only the connection of before can remove: \`footman drain ${name} --wait\`, or remove the cloud and add it later`;
}
