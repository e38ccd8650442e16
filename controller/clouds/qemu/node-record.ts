import { z } from 'zod';

const KeyPair = z.object({ privateKey: z.string(), publicKey: z.string() });

/**
 * What is known of a node, written before the first thing of it is made. It holds the keys of the node: the one that we log in with, and the
 * machine's own, by which we know it.
 */
export const NodeRecord = z.object({
  controller: z.string(),
  node: z.string(),
  /** Milliseconds since the epoch. */
  createdAt: z.int(),
  /** The file that its disk stands on, and which state of that: `Launched.image`. */
  image: z.object({ path: z.string(), stamp: z.string() }),
  /** Size of its disk; the image's where that is null. */
  diskBytes: z.int().nullable(),
  user: z.string(),
  sudo: z.boolean(),
  loginKey: KeyPair,
  hostKey: KeyPair,
  cpus: z.int(),
  memoryBytes: z.int(),
  mac: z.string(),
  network: z.discriminatedUnion('mode', [
    /** `port` leads to the SSH server of the QEMU that was started last; null before the first. */
    z.object({ mode: z.literal('user'), restrict: z.boolean(), port: z.int().nullable() }),
    z.object({ mode: z.literal('bridge'), bridge: z.string(), device: z.string() }),
  ]),
  address: z.object({ address: z.string(), gateway: z.string().nullable(), dns: z.array(z.string()) }),
  /** The saved state that its machine started from, and its disk stands on; null where it booted. */
  fastStart: z.string().nullable().default(null),
  /** Whether it has become this node's since it went on from there. */
  isAwake: z.boolean().default(false),
  /** Whether it has forgotten who it is, to be captured: nobody can log in any more. */
  isForgetful: z.boolean().default(false),
  /** Whether its agent was started once: then the tunnel of the agent is opened again in another life of the controller. */
  launched: z.boolean(),
});
export type NodeRecord = z.infer<typeof NodeRecord>;
