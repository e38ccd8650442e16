/** What is kept, and for how long: which builds go, and how they are removed with all that they left. */
export { deleteBuildNow, markBuilds } from './mark.ts';
export type { Fate } from './fate.ts';
export { createRetentionKeeper, type RetentionKeeper } from './keeper.ts';
export { pinBuild, unpinBuild } from './pins.ts';
export { planRetention, type Plan } from './plan.ts';
