import { collectStepOf } from '../collect-step.ts';
import type { Job, PostCondition } from '../pipeline.ts';
import type { Step } from '../step.ts';

interface StepOfJob {
  phase: 'prepare' | 'main' | PostCondition | 'collect' | 'verify';
  step: Step;
}

type Parts = 'prepare' | 'steps' | 'post' | 'artifacts' | 'reports';

/** Every step that the job has in the pipeline, in the order in which they run; those that verify its image run elsewhere. */
export function stepsOfJob(job: Pick<Job, Parts>): StepOfJob[] {
  const { prepare, steps, post } = job;
  const collect = collectStepOf(job);
  const afterwards = post.steps.flatMap(({ step }) =>
    step.kind === 'snapshot' ? (step.snapshot.verify ?? []) : [],
  );
  return [
    ...(prepare?.steps ?? []).map((step) => ({ phase: 'prepare', step }) as const),
    ...steps.map((step) => ({ phase: 'main', step }) as const),
    ...post.steps.map(({ when, step }) => ({ phase: when, step })),
    ...(collect === undefined ? [] : [{ phase: 'collect', step: collect } as const]),
    ...afterwards.map((step) => ({ phase: 'verify', step }) as const),
  ];
}
