import { createHash } from 'node:crypto';
import { makeKeyPair } from '#controller/launchers/ssh';
import { addressRange, freeAddress } from './addresses.ts';
import { SAVED_MAC } from './fast-start/index.ts';
import { userAddress } from './machine/index.ts';
import type { NodeRecord } from './node-record.ts';
import type { QemuTemplate } from './schema.ts';

interface NewNode {
  controller: string;
  node: string;
  template: QemuTemplate;
  image: NodeRecord['image'];
  fastStart: string | null;
  /** Addresses that other nodes have, without their prefixes. */
  taken: ReadonlySet<string>;
}

/** All that a node is to be, before anything of it is made: names from its id, and keys of its own. */
export async function newRecord({
  controller,
  node,
  template,
  image,
  fastStart,
  taken,
}: NewNode): Promise<NodeRecord> {
  const [loginKey, hostKey] = await Promise.all([makeKeyPair(`footman ${node}`), makeKeyPair(node)]);
  return {
    controller,
    node,
    createdAt: Date.now(),
    image,
    diskBytes: template.disk ?? null,
    user: template.user,
    sudo: template.sudo,
    loginKey,
    hostKey,
    cpus: template.cpus,
    memoryBytes: template.memory,
    // One card for life: QEMU's router keeps to the one that it saw first.
    mac: fastStart === null ? macOf(controller, node) : SAVED_MAC,
    ...placeOf(),
    fastStart,
    isAwake: false,
    isForgetful: false,
    launched: false,
  };

  function placeOf(): Pick<NodeRecord, 'network' | 'address'> {
    const { network, restrict = true } = template;
    if (network === 'user') {
      return { network: { mode: 'user', restrict, port: null }, address: userAddress(restrict) };
    }
    const { bridge, addresses, gateway = null, dns } = network;
    const device = `fm-${digestOf(controller, node).slice(0, 12)}`;
    const range = addressRange.parse(addresses);
    const address = `${freeAddress(range, taken)}/${range.prefix}`;
    return { network: { mode: 'bridge', bridge, device }, address: { address, gateway, dns } };
  }
}

/** In QEMU's own range; the rest tells machines of one bridge apart. */
function macOf(controller: string, node: string): string {
  const [a, b, c] = digestOf(controller, node).match(/../g) ?? [];
  return ['52', '54', '00', a, b, c].join(':');
}

function digestOf(controller: string, node: string): string {
  return createHash('sha256').update(`${controller} ${node}`).digest('hex');
}
