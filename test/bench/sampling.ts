interface Loop {
  /** Runs whose results are thrown away: they fill caches and let code be compiled. */
  warmUp: number;
  samples: number;
}

/** Takes turns, so that whatever else the machine does meets both alike. */
export async function alternate(
  { warmUp, samples }: Loop,
  measure: { subject(): Promise<number>; floor(): Promise<number> },
): Promise<{ subject: number[]; floor: number[] }> {
  const subject: number[] = [];
  const floor: number[] = [];
  for (let turn = -warmUp; turn < samples; turn++) {
    const [one, other] = [await measure.subject(), await measure.floor()];
    if (turn < 0) continue;
    subject.push(one);
    floor.push(other);
  }
  return { subject, floor };
}

/** How long the work takes, in milliseconds. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
}

/** Runs a task for each of `count` numbers, `width` at a time. */
export async function inLanes(count: number, width: number, task: () => Promise<unknown>): Promise<void> {
  let left = count;
  const lane = async (): Promise<void> => {
    while (left-- > 0) await task();
  };
  await Promise.all(Array.from({ length: width }, lane));
}
