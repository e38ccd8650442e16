import * as z from 'zod/mini';
import { Count, Name } from './fields.ts';

/** A word of os-release(5), such as `debian`, or of a machine's own name for what it runs in, such as `kvm`. */
const Word = z.string().check(z.regex(/^[a-z0-9][a-z0-9._-]{0,63}$/));

/** What the agent found on its node. They are a node's own words: good for people and checks, never for trust. */
export const Facts = z.strictObject({
  os: Name,
  architecture: Name,
  kernel: Name,
  hostname: Name,
  cpus: Count,
  memoryBytes: Count,
  /** Free bytes where the workspace is. */
  diskFreeBytes: Count,
  /** All bytes of that file system; zero from an agent that does not tell. */
  diskBytes: z._default(Count, 0),
  /** `ID` and `VERSION_ID` of os-release(5): `debian`, `12`; null where there are none. */
  osId: z._default(z.nullable(Word), null),
  osVersion: z._default(z.nullable(Word), null),
  /** What it runs in: `none`, `docker`, `container`, `qemu`, `kvm`, …; null where nobody can tell. */
  virtualization: z._default(z.nullable(Word), null),
  /** Of `/proc/sys/kernel/random/boot_id`: another one is another boot. Containers have that of their host. */
  bootId: z._default(z.nullable(Name), null),
});
export type Facts = z.infer<typeof Facts>;
