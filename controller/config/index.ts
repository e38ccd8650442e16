/** footman.yaml and the environment → one typed value. */
export type {
  BastionSettings,
  CloudConfiguration,
  Configuration,
  HoldSettings,
  TemplateConfiguration,
} from './configuration.ts';
export type { BranchRule, KeepBuilds, RetentionSettings } from './retention-settings.ts';
export { cloudDocument, templateDocument } from './cloud-document.ts';
export { ConfigurationMistakes } from './configuration-mistakes.ts';
export { hideSecret, hideSecrets } from './hide-secrets.ts';
export { loadConfiguration } from './load.ts';
export { configurationReference } from './reference.ts';
export { isSection, type Section, type Written } from './section.ts';
export { toDocument } from './to-document.ts';
