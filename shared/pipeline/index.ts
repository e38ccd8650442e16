/** Pipelines: what a person writes in YAML, and what the rest of the house works with. */
export { pipelineJsonSchema } from './json-schema.ts';
export { type ParsedPipeline, parsePipeline } from './parse-pipeline.ts';
export { POST_CONDITIONS } from './pipeline.ts';
export type {
  Artifact,
  Binding,
  Cache,
  CacheStep,
  Checkout,
  CheckoutStep,
  Concurrency,
  Condition,
  Env,
  Job,
  Matrix,
  Parameter,
  Pipeline,
  Post,
  PostCondition,
  PostStep,
  PullRequestFilter,
  RefFilter,
  Retry,
  RetryReason,
  RunStep,
  Schedule,
  Shell,
  Step,
  Template,
  Triggers,
} from './pipeline.ts';
