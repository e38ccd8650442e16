import { asWritten, bytes, duration } from '#shared/quantity';
import { z } from 'zod';
import { addressRange, ipv4 } from './addresses.ts';

const absolutePath = z.string().regex(/^\/[^\0]*$/, 'write an absolute path');
/** Less boots nothing. */
const LEAST_MEMORY = 64 * 1024 * 1024;

export const QemuSettings = z
  .strictObject({
    program: z
      .string()
      .min(1)
      .default('qemu-system-x86_64')
      .describe("QEMU on the controller's machine: a name on its PATH, or an absolute path."),
    accelerator: z
      .enum(['auto', 'kvm', 'tcg'])
      .default('auto')
      .describe(
        '`auto` tries once for each boot of the machine whether KVM works, and falls back to `tcg`, emulation, which is some ten times slower.',
      ),
    'power-off-grace': asWritten(duration)
      .default('10s')
      .describe('How long a machine that is stopped may take to power itself off before its plug is pulled.'),
  })
  .describe("Nodes are QEMU machines on the controller's machine.");
export type QemuSettings = z.infer<typeof QemuSettings>;

const Bridge = z.strictObject({
  bridge: z
    .string()
    .regex(/^[A-Za-z0-9][\w.-]{0,14}$/, 'write the name of a bridge, such as br0')
    .describe("A bridge of the controller's machine that is there. The controller must be root."),
  addresses: asWritten(addressRange).describe('What the machines get, such as 10.0.0.10-10.0.0.50/24.'),
  gateway: ipv4.optional().describe('Where they send what is not for their own network.'),
  dns: z.array(ipv4).default([]).describe('Their name servers.'),
});
export type Bridge = z.infer<typeof Bridge>;

export const QemuTemplate = z
  .strictObject({
    image: absolutePath
      .optional()
      .describe(
        "A qcow2 or raw file on the controller's machine, of a disk that boots with a BIOS and runs cloud-init and an SSH server. It is only read. A template with a `stream` needs none.",
      ),
    cpus: z.int().min(1).max(255).default(1).describe('Virtual CPUs.'),
    memory: bytes
      .refine((size) => size >= LEAST_MEMORY, 'a machine needs 64MiB at least')
      .prefault('1GiB')
      .describe('Memory of the machine.'),
    disk: bytes
      .optional()
      .describe("Size of its disk; the image's unless given. cloud-init grows the file system."),
    user: z
      .string()
      .regex(/^[a-z_][a-z0-9_-]{0,31}$/, 'write the name of an account, such as footman')
      .default('footman')
      .describe('The account that steps run as; cloud-init makes it. May be `root`.'),
    sudo: z
      .boolean()
      .default(true)
      .describe('Whether that account may become root by `sudo`, without a password.'),
    network: z
      .union([z.literal('user'), Bridge], { error: 'write `user`, or a bridge with its addresses' })
      .default('user')
      .describe('`user`: behind a router of its own; or a bridge, with addresses for the machines.'),
    restrict: z
      .boolean()
      .optional()
      .describe(
        'Whether a machine on the `user` network can reach nothing but the controller, which is so unless `false`: then it also reaches all that the controller reaches, services that listen on 127.0.0.1 included.',
      ),
    'fast-start': z
      .boolean()
      .default(false)
      .describe(
        'Whether machines start from the saved state of one that was booted before, in a fraction of the time. It takes as much disk as the machine has memory, and is prepared in the background: until then machines boot.',
      ),
  })
  .refine(({ network, restrict }) => network === 'user' || restrict === undefined, {
    path: ['restrict'],
    message: 'restrict goes with `network: user`; what a bridge lets through is for its firewall to say',
  })
  .refine(({ network, 'fast-start': fastStart }) => network === 'user' || !fastStart, {
    path: ['fast-start'],
    message: 'fast-start goes with `network: user`: a saved machine keeps the address that it had',
  });
export type QemuTemplate = z.infer<typeof QemuTemplate>;
