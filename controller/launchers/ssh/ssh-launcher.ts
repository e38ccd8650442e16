import type { Logger } from '#controller/logger';
import type { Endpoints, RuntimeFolder } from '../contract.ts';
import type { SshLauncher } from './contract.ts';

export interface SshLauncherOptions {
  /** Marks what is ours on a machine; it stays the same over restarts. */
  controllerId: string;
  endpoints: Endpoints;
  runtime(signal: AbortSignal): Promise<RuntimeFolder>;
  logger: Logger;
  /** By a tunnel through the SSH connection, or by the controller's public URL. */
  dial: 'tunnel' | 'public-url';
  /** How often a silent connection is asked for a sign of life, in milliseconds; it is dead after three without an answer. */
  keepAliveMs?: number;
}

export function createSshLauncher(_options: SshLauncherOptions): SshLauncher {
  throw new Error('not yet');
}
