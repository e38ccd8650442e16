import type { Job, PostCondition, Step } from '../pipeline.ts';

interface StepOfJob {
  phase: 'prepare' | 'main' | PostCondition | 'verify';
  step: Step;
}

/** Every step that the job has in the pipeline, in the order in which they run; those that verify its image run elsewhere. */
export function stepsOfJob({ prepare, steps, post }: Pick<Job, 'prepare' | 'steps' | 'post'>): StepOfJob[] {
  const afterwards = post.steps.flatMap(({ step }) =>
    step.kind === 'snapshot' ? (step.snapshot.verify ?? []) : [],
  );
  return [
    ...(prepare?.steps ?? []).map((step) => ({ phase: 'prepare', step }) as const),
    ...steps.map((step) => ({ phase: 'main', step }) as const),
    ...post.steps.map(({ when, step }) => ({ phase: when, step })),
    ...afterwards.map((step) => ({ phase: 'verify', step }) as const),
  ];
}
