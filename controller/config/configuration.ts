import type { BlobSettings } from '#controller/blobs';
import type { CloudKind } from '#controller/clouds';
import type { CloudLimits, TemplateLimits } from '#controller/fleet';
import type { TeardownSettings } from '#controller/nodes';
import type { RetentionSettings } from './retention-settings.ts';
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
    uploads: number;
  };
  limits: {
    stepLog: number;
    artifactFiles: number;
    artifactBytes: number;
    cacheBytes: number;
    reportBytes: number;
    testCases: number;
  };
  blobs: BlobSettings;
  /** `archiveAfter` is how long after its end a step's log stays on the controller's disk. */
  logs: { archiveAfter: number };
  retention: RetentionSettings;
  sweep: { interval: number; grace: number };
  teardown: TeardownSettings;
  /** `preparedDisk` is null where prepared images have no limit. */
  images: { captureTimeout: number; rollBackAfter: number; preparedDisk: number | null };
  holds: HoldSettings;
  /** Null where there is none. */
  bastion: BastionSettings | null;
  /** What a controller does with its pools when it stops: removes them, or leaves them for its next start. */
  shutdown: 'drain' | 'keep';
  /** `keyFile` is absolute. */
  secrets: { keyFile: string };
  clouds: CloudConfiguration[];
}

export interface CloudConfiguration extends CloudLimits {
  name: string;
  kind: CloudKind;
  settings: unknown;
  templates: TemplateConfiguration[];
}

export interface TemplateConfiguration extends TemplateLimits {
  name: string;
  labels: string[];
  /** The image stream that its nodes are made from; null where its settings say the image, or its kind has none. */
  stream: string | null;
  settings: unknown;
}

export interface HoldSettings {
  default: number;
  maximum: number;
  perUser: number;
  perTemplate: number;
  /** 0 for never. */
  remindBefore: number;
  /** 0 for no extension by use. */
  extendOnUse: number;
  keepSnapshots: number;
  /** `secret` signs deliveries, and is what the variable `secretEnv` holds; null where none are signed. */
  webhook: { url: string; secretEnv: string | null; secret: string | null } | null;
}

export interface BastionSettings {
  listen: { host: string; port: number };
  /** What people write into their commands; null for the address that it listens on. */
  host: string | null;
  idleTimeout: number;
  /** Whether what terminals show is recorded. */
  isRecording: boolean;
  keepRecordings: number;
}
