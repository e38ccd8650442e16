/** footman.yaml and the environment → one typed value. */
export type { CloudConfiguration, Configuration, TemplateConfiguration } from './configuration.ts';
export { ConfigurationMistakes } from './configuration-mistakes.ts';
export { loadConfiguration } from './load.ts';
