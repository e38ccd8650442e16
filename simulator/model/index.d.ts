/** What jobs and clouds are like. */
export type { CloudModel, FaultRates, JobKind, JobsModel, Model, TemplateModel } from './model.ts';
export { parseModel } from './parse-model.ts';
