import type { HostState, NodeState } from '#controller/store';
import type { Verdict } from '../sweep/index.ts';

/** What the controller sees of all that it answers for, and what it makes of it. Times are milliseconds since the epoch. */
export interface DoctorReport {
  at: number;
  /** What is wrong, one sentence each; none when all is well. */
  problems: string[];
  clouds: CloudReport[];
  /** Living nodes of clouds that nobody knows how to reach any more. */
  stranded: NodeReport[];
  /** What leaked, the newest first. */
  leaks: LeakReport[];
  hosts: HostReport[];
  storage: StorageReport;
  machine: MachineReport;
}

export interface CloudReport {
  name: string;
  /** Null for one that is not configured any more, and still has nodes. */
  kind: string | null;
  /** Why it can't be listed now; null when it was. */
  error: string | null;
  /** When the sweep last listed it with success since the controller started. */
  listedAt: number | null;
  /** All that bears our tag. */
  resources: ResourceReport[];
  /** Living nodes of which the listing shows nothing. */
  missing: NodeReport[];
  leaks: { found: number; removed: number };
}

export interface ResourceReport {
  id: string;
  kind: string;
  node: string;
  createdAt: number;
  verdict: Verdict;
  reason: string;
}

export interface NodeReport {
  node: string;
  template: string;
  state: NodeState;
  createdAt: number;
  verdict: Verdict;
  reason: string;
}

export interface LeakReport {
  cloud: string;
  resource: string;
  kind: string;
  node: string;
  reason: string;
  foundAt: number;
  removedAt: number | null;
}

export interface HostReport {
  cloud: string;
  name: string;
  state: HostState;
  since: number;
  /** When a quarantined one is reset, and may be free again. */
  dueAt: number | null;
  reason: string | null;
}

export interface StorageReport {
  kind: string;
  /** Why an object can't be stored, read and removed now; null when one was. */
  error: string | null;
  /** What that took, in milliseconds. */
  ms: number;
}

export interface MachineReport {
  freeDiskBytes: number;
  /** Less than that removes all stopped nodes; so for memory. */
  leastDiskBytes: number;
  freeMemoryBytes: number;
  leastMemoryBytes: number;
}
