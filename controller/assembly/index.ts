/** The parts of a controller, put together from the configuration for `main.ts`. */
export { layGround, type Ground } from './ground.ts';
export { learnLabels } from './learned-labels.ts';
export { leaseLimits } from './lease-limits.ts';
export { startLoops, type Loops } from './loops.ts';
export { createNodeParts } from './node-parts.ts';
export { createProvisionerParts } from './provisioner-parts.ts';
export { openBastion } from './open-bastion.ts';
export { openClouds } from './open-clouds.ts';
export { agentSocketFor, startServers } from './servers.ts';
export { createStorageParts } from './storage-parts.ts';
export { createTriggerParts } from './trigger-parts.ts';
