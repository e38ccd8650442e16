/** The `process` cloud: each node is a process on the controller's machine, in a directory of its own. No isolation, no waiting. */
import type { CloudKind } from '../contract.ts';
import { openProcessCloud } from './process-cloud.ts';
import { ProcessSettings, ProcessTemplate } from './schema.ts';

export { openProcessCloud } from './process-cloud.ts';
export { ProcessTemplate } from './schema.ts';

export const processKind = {
  kind: 'process',
  settings: ProcessSettings,
  template: ProcessTemplate,
  open: (_settings, context) => openProcessCloud(context),
} satisfies CloudKind<ProcessSettings, ProcessTemplate>;
