/** A kind of time: all hours at which jobs are about as likely to come. */
export interface Kind {
  /** Hours of it that there were. */
  hours: number;
  /** Jobs that came, or are to be expected, in those hours. */
  jobs: number;
  /** Share of them by rank, from 1 on at index 1: that of rank n finds a node ready where n are kept. */
  byRank: (rank: number) => number;
}

/**
 * How many nodes to keep at each kind of time so that at most the share `goal` of all jobs finds none, at the least node-hours. It goes by what a node
 * more avoids for each hour that it is kept: where that is most, it is kept first. Steps are taken along the upper concave envelope of what so
 * many nodes serve, since the ninth node may be worth nothing without the sixteenth. That is the optimum (marginal allocation: B. Fox,
 * "Discrete optimization via marginal analysis", Management Science 13, 1966), up to the last step, which may be one too large.
 */
export function chooseLevels(kinds: readonly Kind[], goal: number, most: number): number[] {
  const steps = kinds
    .flatMap((kind, index) => stepsOf(kind, most).map((step) => ({ step, index })))
    .toSorted((a, b) => b.step.perHour - a.step.perHour);
  const levels = kinds.map(() => 0);
  const jobs = kinds.reduce((sum, kind) => sum + kind.jobs, 0);
  let cold = jobs;
  for (const { index, step } of steps) {
    if (cold <= goal * jobs) break;
    levels[index] = step.level;
    cold -= step.served;
  }
  return levels;
}

interface Step {
  /** Nodes that it leads to. */
  level: number;
  /** Jobs that find a node thanks to it. */
  served: number;
  /** The same, for each node and hour that it costs. */
  perHour: number;
}

/** The corners of the upper concave envelope; each is worth less than the one before. */
function stepsOf({ hours, jobs, byRank }: Kind, most: number): Step[] {
  const steps: Step[] = [];
  for (let level = 1; level <= most; level += 1) {
    let served = jobs * byRank(level);
    let before = steps.at(-1);
    let nodes = 1;
    // What is worth more than the step before it is one step with it.
    while (before !== undefined && served / (nodes * hours) >= before.perHour) {
      served += before.served;
      steps.pop();
      nodes = level - (steps.at(-1)?.level ?? 0);
      before = steps.at(-1);
    }
    steps.push({ level, served, perHour: served / (nodes * hours) });
  }
  return steps.filter(({ served }) => served > 0);
}
