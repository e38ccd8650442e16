/** The clouds that are configured, their templates, what these may have, and how much of it is used. */
export { cordonOf, cordonOfTemplate, type Cordons } from './cordon.ts';
export { LABEL_FACTS, factLabels, mayBeFactLabel, type LabelFact } from './fact-labels.ts';
export { asConfigured, createFleet, type Fleet, type Learned, type NamedCloud } from './fleet.ts';
export { countOccupancy, type Occupancy, type UnderWay, type Usage } from './occupancy.ts';
export type {
  CheckSettings,
  CloudLimits,
  LaunchRate,
  LearningSettings,
  OpenCloud,
  PoolSettings,
  PoolWindow,
  Quota,
  Reserve,
  Size,
  Template,
  TemplateLimits,
} from './open-cloud.ts';
export { compareTemplates, preferredFirst } from './preference.ts';
export type { Refusal } from './refusal.ts';
export { serves } from './serves.ts';
export { isOfVersion, subjectOf, templateKey, type TemplateId } from './template-id.ts';
