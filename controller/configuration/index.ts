/** The configuration of a running controller: what another one would change, and how it comes into force. */
export type { Change, Takes } from './change.ts';
export { compareConfigurations } from './compare.ts';
export { createConnections, type Connections } from './connections.ts';
export { effectsOf, type Effect } from './effects.ts';
export { ReloadRefused } from './reload-refused.ts';
export { createReloader, type Outlook, type Reloader } from './reloader.ts';
export { toOpenCloud } from './to-open-cloud.ts';
export type { Surroundings } from './surroundings.ts';
