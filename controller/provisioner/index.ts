/** From node requests to nodes: candidates, quotas, launches. */
export { noSuchLabel } from './no-such-label.ts';
export { templatesOf, type CloudSet, type OpenCloud, type Template } from './open-cloud.ts';
export type { NodeTimeouts } from './overdue.ts';
export { createProvisioner, type Provisioner } from './provisioner.ts';
