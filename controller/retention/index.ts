/** What is kept, and for how long. */
export type { BranchRule, KeepBuilds, RetentionSettings } from './settings.ts';
