import type { Env, Job, ResolvedStep } from '#shared/pipeline';

type Step = Job['steps'][number];

/** A template that is this text, whatever it looks like: what an expression produced is never read as one again. */
export function literal(text: string): string {
  return text.replaceAll('${{', "${{ '${{' }}");
}

export function literalEnv(env: Env): Env {
  return Object.fromEntries(Object.entries(env).map(([name, value]) => [name, literal(value)]));
}

/** A step that evaluates to the one that is given. */
export function literalStep(step: Extract<ResolvedStep, { kind: 'run' | 'checkout' }>): Step {
  const common = { ...step, name: literal(step.name), env: literalEnv(step.env), conditions: [] };
  if (common.kind === 'checkout') return common;
  return { ...common, run: literal(common.run) };
}
