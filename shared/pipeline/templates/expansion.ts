import { type Cycle, findCycles, type Needs } from '../check/cycles.ts';
import { type Draft, entry, items } from '../draft.ts';
import type { Library } from './library.ts';
import { MAX_STEPS } from '../limits.ts';
import { usersInTemplate } from './users.ts';

/** What becomes of a `uses`, told without doing it: templates inside one another can make more steps than there are atoms. */
export interface Expansion {
  /** Templates inside one another, this one included. */
  depth: number;
  /** Steps that stand for one step; of a template that is a job, none. */
  steps: number;
  /** Their ids, in order; of too many steps, only the first. */
  ids: readonly string[];
}

export interface Expansions {
  /** Nothing for what does not exist. Templates that use themselves are counted once. */
  of(uses: string): Expansion;
  /** Templates that use each other. The first step of a path is the file. */
  cycles: readonly Cycle[];
  /** The job itself, or that of its template (or of the template's template) which says what it does. */
  ownJob(job: Draft): Draft | undefined;
}

const NOTHING: Expansion = { depth: 0, steps: 0, ids: [] };

export function createExpansions(library: Library): Expansions {
  const known = new Map<string, Expansion>();
  return { of: measure, cycles: findCycles(graphOf(library)), ownJob };

  function measure(uses: string): Expansion {
    const before = known.get(uses);
    if (before !== undefined) return before;
    const template = library.draft(uses);
    if (template === undefined) return NOTHING;
    // While it is measured, and so for good where templates use each other.
    known.set(uses, NOTHING);
    const inner = usesOf(template).map(measure);
    const steps = items(entry(template, 'steps')).map((step) => ofStep(step));
    const expansion = {
      depth: 1 + Math.max(0, ...inner.map(({ depth }) => depth)),
      steps: steps.reduce((sum, step) => sum + step.steps, 0),
      ids: steps.flatMap(({ ids }) => ids).slice(0, MAX_STEPS + 1),
    };
    known.set(uses, expansion);
    return expansion;
  }

  function ofStep(step: Draft): Expansion {
    const uses = entry(step, 'uses').value;
    if (typeof uses === 'string') return measure(uses);
    const id = entry(step, 'id').value;
    return { depth: 0, steps: 1, ids: typeof id === 'string' ? [id] : [] };
  }

  function ownJob(job: Draft): Draft | undefined {
    const seen = new Set<unknown>();
    let at = job;
    for (;;) {
      const { value: uses } = entry(at, 'uses');
      if (typeof uses !== 'string') return at;
      const template = seen.has(uses) ? undefined : library.draft(uses);
      seen.add(uses);
      if (template === undefined) return undefined;
      at = entry(template, 'job');
    }
  }
}

function usesOf(template: Draft): string[] {
  const uses = usersInTemplate(template).map((user) => entry(user, 'uses').value);
  return [...new Set(uses.filter((text) => typeof text === 'string'))];
}

function graphOf(library: Library): Map<string, Needs> {
  const graph = new Map<string, Needs>();
  for (const file of library.files()) {
    for (const [name, template] of file.templates) {
      const uses = usersInTemplate(template).map((user) => entry(user, 'uses'));
      const needs = uses.flatMap(({ path, value }) =>
        typeof value === 'string' ? [[value, [file.path, ...path]] as const] : [],
      );
      graph.set(`./${file.path}#${name}`, new Map(needs));
    }
  }
  return graph;
}
