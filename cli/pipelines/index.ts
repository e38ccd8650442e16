/** Pipelines as files of a repository: reading them, and telling what is wrong with them. */
export { goodPipeline } from './good-pipeline.ts';
export { loadPipeline, type LoadedPipeline } from './load-pipeline.ts';
export { formatProblems } from './problems.ts';
export { readParameters, valuesOf, type Given, type ParameterOptions, type Values } from './parameters.ts';
