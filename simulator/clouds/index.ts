/** Clouds that do what a model says. */
export { createScriptedCloud, type Resource, type ScriptedCloud } from './scripted-cloud.ts';
export { pause } from './pause.ts';
