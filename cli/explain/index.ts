/** What a pipeline comes to, as text for people. */
export { explainJobs, type ExplainedJob } from './explained.ts';
export { field, formatFields, type Field } from './fields.ts';
export { formatJob } from './job-block.ts';
export { formatPipeline } from './pipeline-block.ts';
export { createPlaces, type Places } from './places.ts';
