import type { CloudKind } from '#controller/clouds';
import type { StoreSettings } from '#controller/store';

/** A controller's configuration, checked and complete. Times are milliseconds, sizes are bytes. */
export interface Configuration {
  /** Folder of all state, absolute. */
  data: string;
  listen: { host: string; port: number };
  publicUrl: string | null;
  logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent';
  store: StoreSettings;
  timeouts: {
    launch: number;
    connect: number;
    check: number;
    agentLost: number;
    queue: number;
    cancelGrace: number;
    artifacts: number;
  };
  limits: { stepLog: number; artifactFiles: number; artifactBytes: number; cacheBytes: number };
  sweep: { interval: number; grace: number };
  /** `keyFile` is absolute. */
  secrets: { keyFile: string };
  clouds: CloudConfiguration[];
}

export interface CloudConfiguration {
  name: string;
  kind: CloudKind;
  settings: unknown;
  maxNodes: number;
  templates: TemplateConfiguration[];
}

export interface TemplateConfiguration {
  name: string;
  labels: string[];
  maxNodes: number;
  minReady: number;
  settings: unknown;
}
