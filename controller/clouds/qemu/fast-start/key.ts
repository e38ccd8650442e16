import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { machineFolder, qemuArguments, type Accelerator } from '../machine/index.ts';
import type { QemuTemplate } from '../schema.ts';
import { GUEST_PROGRAM, PORT_NAME, START_GUEST_PROGRAM } from './guest-program.ts';

/** All that a saved state depends on. */
export interface Origins {
  template: QemuTemplate;
  /** State of the image's file. */
  imageStamp: string;
  /** Digest of the runtime that is on board. */
  runtime: string;
  /** What QEMU says its version is. */
  version: string;
  accelerator: Accelerator;
}

/** Names a state: with anything else, it would be another one. */
export async function keyOf({ template, accelerator, ...rest }: Origins): Promise<string> {
  const { cpus, memory, user, sudo } = template;
  const machine = qemuArguments({
    tag: { controller: '', cloud: '', node: '' },
    folder: machineFolder('/'),
    accelerator,
    cpus,
    memoryBytes: memory,
    network: { mode: 'user', port: 0, restrict: template.restrict ?? true },
    mac: '',
    saved: { memory: '', way: 'read', port: PORT_NAME },
  });
  // With KVM the guest has seen this very processor.
  const processor = accelerator === 'kvm' ? await readProcessor() : null;
  const disk = template.disk ?? null;
  return digestOf([machine, disk, user, sudo, rest, processor, GUEST_PROGRAM, START_GUEST_PROGRAM]);
}

/** Names the line of states of which only the last is wanted: templates that are alike share one, each image's file has its own. */
export function lineOf(template: QemuTemplate, image: string): string {
  return digestOf([template, image]);
}

async function readProcessor(): Promise<string> {
  const text = await readFile('/proc/cpuinfo', 'utf8');
  return (
    text
      .split('\n\n', 1)[0]
      ?.replace(/^(cpu MHz|bogomips|processor|core id|apicid|initial apicid).*\n/gm, '') ?? ''
  );
}

function digestOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 32);
}
