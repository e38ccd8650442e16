/** Pipelines: what a person writes in YAML, and what the rest of the house works with. */
export { cellKey } from './resolve/cell-key.ts';
export { conditionsHold, readsMatrix } from './resolve/conditions.ts';
export { expandMatrix, isDynamicMatrix } from './resolve/matrix.ts';
export { checkParameters, type CheckedParameters, type ParameterProblem } from './resolve/parameters.ts';
export { STREAM_NAME } from './names.ts';
export { planOf, type Plan, type PlannedJob } from './resolve/plan.ts';
export { collectStepOf } from './collect-step.ts';
export { resolveArtifact, resolveReports, type ResolvedArtifact } from './resolve/artifact.ts';
export { resolveConcurrency } from './resolve/concurrency.ts';
export { resolveEnv } from './resolve/env.ts';
export { resolveJob } from './resolve/job.ts';
export { resolveOutputs } from './resolve/outputs.ts';
export { resolvePrepare, type ResolvedPrepare } from './resolve/prepare.ts';
export { resolveStep, type ResolvedStep } from './resolve/step.ts';
export { readsSource } from './resolve/reads-source.ts';
export { secretsOfJob, secretsOfStep } from './resolve/secrets-of-job.ts';
export { splitWords } from './schema/split-words.ts';
export { pipelineJsonSchema } from './describe/json-schema.ts';
export { pipelineReference } from './describe/reference.ts';
export { type ParsedPipeline, parsePipeline } from './parse-pipeline.ts';
export { POST_CONDITIONS } from './pipeline.ts';
export type {
  Artifact,
  Concurrency,
  Job,
  Matrix,
  Pipeline,
  Post,
  Prepare,
  PostCondition,
  PostStep,
  Reports,
  Retry,
  RetryReason,
} from './pipeline.ts';
export type {
  Cache,
  CacheStep,
  Checkout,
  CheckoutStep,
  CollectStep,
  Fetch,
  FetchStep,
  Promotion,
  RunStep,
  Shell,
  Snapshot,
  SnapshotStep,
  Step,
} from './step.ts';
export type { Binding, Condition, Env, Template } from './template.ts';
export type { Parameter, PullRequestFilter, RefFilter, Schedule, Triggers } from './triggers.ts';
