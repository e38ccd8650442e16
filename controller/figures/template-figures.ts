import type { NodeFailure, NodeLife } from '#controller/store';
import { percentilesOf, type Percentiles } from './percentiles.ts';
import { START_PHASES, startOf, type Start, type StartPhase } from './start.ts';

/** What a template's newest nodes tell about it. Times in milliseconds. */
export interface TemplateFigures {
  /** Nodes that became ready: what the percentiles are of. */
  starts: number;
  /** From request to ready. */
  total: Percentiles | null;
  /** From plan to ready: what a launch takes by itself. */
  planToReady: Percentiles | null;
  phases: Record<StartPhase, Percentiles | null>;
  /** Share of launches that came to a good node, 0 to 1; null before the first one is over. */
  successRate: number | null;
  /** Failures by kind. */
  failures: Partial<Record<CountingFailure, number>>;
  /** Launches for which the cloud had no room: they count against nobody. */
  aborted: number;
}

type CountingFailure = Exclude<NodeFailure, 'aborted'>;

/** Nodes that went without having been wanted long enough to be ready count for nothing. */
export function figuresOf(nodes: readonly NodeLife[]): TemplateFigures {
  const starts = nodes.map(startOf).filter((start) => start !== null);
  const good = nodes.filter((node) => node.ready_at !== null && node.failure === null).length;
  const failures = countFailures(nodes);
  const bad = Object.values(failures).reduce((sum, count) => sum + count, 0);
  return {
    starts: starts.length,
    total: percentilesOf(starts.map(({ total }) => total)),
    planToReady: percentilesOf(starts.map(({ total, wait }) => total - wait)),
    phases: phasesOf(starts),
    successRate: good + bad === 0 ? null : good / (good + bad),
    failures,
    aborted: nodes.filter(({ failure }) => failure === 'aborted').length,
  };
}

function phasesOf(starts: readonly Start[]): TemplateFigures['phases'] {
  const phases: TemplateFigures['phases'] = { wait: null, launch: null, connect: null, check: null };
  for (const phase of START_PHASES) phases[phase] = percentilesOf(starts.map((start) => start[phase]));
  return phases;
}

function countFailures(nodes: readonly NodeLife[]): TemplateFigures['failures'] {
  const counts: TemplateFigures['failures'] = {};
  for (const { failure } of nodes)
    if (failure !== null && failure !== 'aborted') counts[failure] = (counts[failure] ?? 0) + 1;
  return counts;
}
