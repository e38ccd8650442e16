import { isDeepStrictEqual } from 'node:util';
import type { Configuration, TemplateConfiguration } from '#controller/config';
import { mayBeFactLabel } from '#controller/fleet';
import type { LabelMatcher } from '#controller/matching';
import type { Node, NodeState, QueuedLabels } from '#controller/store';
import { counted } from './sentence.ts';

/** What a change would do to what is there. */
export interface Effect {
  /**
   * `replaced`: idle nodes of a template that is another one; `removed`: nodes without a job whose template goes; `finishing`: those with a
   * job, or held, go after it; `pool`: another number of ready nodes; `stranded`: a waiting job whose labels nobody has any more.
   */
  kind: 'replaced' | 'removed' | 'finishing' | 'pool' | 'stranded';
  sentence: string;
  /** Ids of nodes. */
  nodes: string[];
  /** Ids of jobs. */
  jobs: string[];
}

interface Scene {
  running: Configuration;
  next: Configuration;
  /** All that are not yet gone. */
  nodes: readonly Pick<Node, 'id' | 'cloud' | 'template' | 'state'>[];
  queued: readonly QueuedLabels[];
  matcher: LabelMatcher;
}

type Templates = ReadonlyMap<string, TemplateConfiguration>;

export function effectsOf({ running, next, nodes, queued, matcher }: Scene): Effect[] {
  const before = templatesOf(running);
  const after = templatesOf(next);
  const names = new Set([...before.keys(), ...after.keys()]);
  return [
    ...[...names].flatMap((name) => {
      const own = nodes.filter(({ cloud, template }) => `${cloud}/${template}` === name);
      return effectsOn(name, before.get(name), after.get(name), own);
    }),
    ...stranded(before, after, queued, matcher),
  ];
}

function effectsOn(
  name: string,
  old: TemplateConfiguration | undefined,
  fresh: TemplateConfiguration | undefined,
  nodes: Scene['nodes'],
): Effect[] {
  if (fresh === undefined) return goneWith(name, nodes);
  const idle = nodes.filter(({ state }) => state === 'ready');
  const replaced = old !== undefined && idle.length > 0 && isAnother(old, fresh);
  const sentence = `${counted(idle.length, 'idle node')} of ${name} ${idle.length === 1 ? 'is' : 'are'} replaced`;
  return [...(replaced ? [onNodes('replaced', sentence, idle)] : []), ...poolOf(name, old, fresh)];
}

const STAYING: ReadonlySet<NodeState> = new Set(['leased', 'uploading', 'held']);

function goneWith(name: string, nodes: Scene['nodes']): Effect[] {
  const staying = nodes.filter(({ state }) => STAYING.has(state));
  const going = nodes.filter((node) => !staying.includes(node) && node.state !== 'deleting');
  return [
    ...(going.length === 0
      ? []
      : [onNodes('removed', `${counted(going.length, 'node')} of ${name} without a job: removed`, going)]),
    ...(staying.length === 0
      ? []
      : [
          onNodes(
            'finishing',
            `${counted(staying.length, 'node')} of ${name}: removed after the job, or the hold, has ended`,
            staying,
          ),
        ]),
  ];
}

function poolOf(
  name: string,
  old: TemplateConfiguration | undefined,
  fresh: TemplateConfiguration,
): Effect[] {
  const from = old?.pool.minReady ?? 0;
  const to = fresh.pool.minReady;
  if (from !== to) {
    const verb = to > from ? 'grows' : 'shrinks';
    return [onNodes('pool', `the pool of ${name} ${verb} from ${from} to ${to}`, [])];
  }
  if (old === undefined || isDeepStrictEqual(old.pool, fresh.pool)) return [];
  return [onNodes('pool', `the pool of ${name} follows other rules`, [])];
}

function stranded(
  before: Templates,
  after: Templates,
  queued: readonly QueuedLabels[],
  matcher: LabelMatcher,
): Effect[] {
  const fits = (templates: Templates, runsOn: string): boolean =>
    [...templates.values()].some((template) => couldServe(runsOn, template, matcher));
  return queued
    .filter(({ runs_on: runsOn }) => fits(before, runsOn) && !fits(after, runsOn))
    .map(({ id, key, number, runs_on: runsOn }) => ({
      kind: 'stranded',
      sentence: `job ${key} of build ${number} waits for \`${runsOn}\`, which no template would match any more: it would end as errored`,
      nodes: [],
      jobs: [id],
    }));
}

/** Nobody knows what nodes of another configuration tell: whoever may be served is not told to be stranded. */
function couldServe(runsOn: string, { labels, factsAsLabels }: TemplateConfiguration, matcher: LabelMatcher) {
  const mayHave = (label: string): boolean => mayBeFactLabel(label, factsAsLabels);
  return matcher.verdict(runsOn, new Set(labels), mayHave) !== 'no';
}

/** Whether nodes of the one are not what the other promises: its labels, its stream or its kind's settings differ. */
function isAnother(old: TemplateConfiguration, fresh: TemplateConfiguration): boolean {
  return !isDeepStrictEqual(essenceOf(old), essenceOf(fresh));
}

function essenceOf({ labels, stream, settings, factsAsLabels }: TemplateConfiguration): unknown {
  return [labels.toSorted(), stream, settings, factsAsLabels.toSorted()];
}

function onNodes(kind: Effect['kind'], sentence: string, nodes: Scene['nodes']): Effect {
  return { kind, sentence, nodes: nodes.map(({ id }) => id), jobs: [] };
}

function templatesOf({ clouds }: Configuration): Templates {
  return new Map(
    clouds.flatMap(({ name: cloud, templates }) =>
      templates.map((template) => [`${cloud}/${template.name}`, template] as const),
    ),
  );
}
