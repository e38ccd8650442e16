/** Pipelines: what a person writes in YAML, and what the rest of the house works with. */
export { pipelineJsonSchema } from './json-schema.ts';
export { type ParsedPipeline, parsePipeline } from './parse-pipeline.ts';
export type {
  Artifact,
  Cache,
  Checkout,
  CheckoutStep,
  Env,
  Job,
  Pipeline,
  RunStep,
  Shell,
  Step,
} from './pipeline.ts';
