/** The `ssh` cloud: each node is a machine that is there all the time, reached by SSH and reset between two nodes. */
import type { CloudKind } from '../contract.ts';
import { checkSshCloud } from './check.ts';
import { SshSettings, SshTemplate } from './schema.ts';

/** A host may be booting when it is asked for. */
const LAUNCH_MS = 5 * 60_000;

export const sshKind = {
  kind: 'ssh',
  settings: SshSettings,
  template: SshTemplate,
  launchMs: LAUNCH_MS,
  check: checkSshCloud,
  async open(settings, context) {
    const { openSshCloud } = await import('./ssh-cloud.ts');
    return openSshCloud(settings, context);
  },
} satisfies CloudKind<SshSettings, SshTemplate>;
