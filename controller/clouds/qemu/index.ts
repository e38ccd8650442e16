/** The `qemu` cloud: each node is a virtual machine on the controller's machine. */
import type { CloudKind } from '../contract.ts';
import { openQemuCloud } from './qemu-cloud.ts';
import { QemuSettings, QemuTemplate } from './schema.ts';

/** A machine boots in seconds with KVM, in half a minute without, and in minutes where many boot at once. */
const LAUNCH_MS = 600_000;

export const qemuKind = {
  kind: 'qemu',
  images: true,
  settings: QemuSettings,
  template: QemuTemplate,
  launchMs: LAUNCH_MS,
  open: openQemuCloud,
} satisfies CloudKind<QemuSettings, QemuTemplate>;
