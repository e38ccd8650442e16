import type { Path } from '#shared/document';

/** The jobs that a job needs (or the templates that a template uses), each with the place where it says so. */
export type Needs = Map<string, Path>;

export interface Cycle {
  /** Each needs the next one; the first is the last, too. */
  ids: string[];
  /** Where the cycle closes: the need of the last job but one. */
  path: Path;
}

/** Cycles in the graph, at least one wherever there are any. Depth first, in the order of the file. */
export function findCycles(graph: ReadonlyMap<string, Needs>): Cycle[] {
  const cycles: Cycle[] = [];
  const done = new Set<string>();
  const trail: string[] = [];
  for (const id of graph.keys()) visit(id);
  return cycles;

  function visit(id: string): void {
    if (done.has(id)) return;
    trail.push(id);
    for (const [need, path] of graph.get(id) ?? []) {
      const start = trail.indexOf(need);
      if (start === -1) visit(need);
      else cycles.push({ ids: [...trail.slice(start), need], path });
    }
    trail.pop();
    done.add(id);
  }
}
