/** What cloud-init is told at the first boot of a machine. The host's private key in it is the machine's own. */
export interface SeedContent {
  node: string;
  /** Who logs in; `root`, or an account that is made. */
  user: string;
  /** Whether that account may do all by `sudo`, without a password. */
  sudo: boolean;
  /** The public key that may log in, and the machine's own pair: in OpenSSH's formats. */
  authorizedKey: string;
  hostKey: { privateKey: string; publicKey: string };
  mac: string;
  /** Digest of the agent's runtime, which is on a disk of the machine's. */
  runtime: string;
  address: StaticAddress;
}

export interface StaticAddress {
  /** With the length of its prefix: `10.0.2.15/24`. */
  address: string;
  gateway: string | null;
  dns: string[];
}

/** Behind QEMU's router every machine is the same one, which SSH is led to. A restricted one asks nobody: no name has an answer. */
export function userAddress(restrict: boolean): StaticAddress {
  return {
    address: '10.0.2.15/24',
    gateway: restrict ? null : '10.0.2.2',
    dns: restrict ? [] : ['10.0.2.3'],
  };
}

/** Label of the disk with the agent's runtime. */
export const RUNTIME_LABEL = 'footman-runtime';

/**
 * Where agents' runtimes are looked for there is a link to the mounted disk, at each boot: a captured disk has nothing of it but a link to
 * nowhere. Where this fails, the runtime is brought over SSH.
 */
const MOUNT_RUNTIME = `
mkdir -p /run/footman-runtime /opt/footman/runtime
mount -o ro,nosuid,nodev LABEL=${RUNTIME_LABEL} /run/footman-runtime && ln -sfn /run/footman-runtime "/opt/footman/runtime/$1"
`;

/** The files of a NoCloud seed, by their names; JSON is YAML. */
export function seedDocuments(content: SeedContent): Record<string, string> {
  return {
    'meta-data': asYaml({ 'instance-id': content.node, 'local-hostname': hostnameOf(content.node) }),
    'user-data': `#cloud-config\n${asYaml(userData(content))}`,
    'network-config': asYaml(networkConfig(content)),
  };
}

function userData({ user, sudo, authorizedKey, hostKey, runtime }: SeedContent): object {
  const asRoot = user === 'root';
  const account = {
    name: user,
    lock_passwd: true,
    ssh_authorized_keys: [authorizedKey],
    ...(!asRoot && { shell: '/bin/bash', sudo: sudo ? 'ALL=(ALL) NOPASSWD:ALL' : null }),
  };
  return {
    users: [account],
    disable_root: !asRoot,
    ssh_pwauth: false,
    bootcmd: [['sh', '-c', MOUNT_RUNTIME, 'sh', runtime]],
    ssh_deletekeys: true,
    ssh_keys: { ed25519_private: hostKey.privateKey, ed25519_public: hostKey.publicKey },
    // What looks up its own name must not wait for a name server that is not there.
    manage_etc_hosts: true,
  };
}

/** A fixed address in any mode: a boot does not wait for DHCP, and we know where the machine is. */
function networkConfig({ mac, address: { address, gateway, dns } }: SeedContent): object {
  const subnet = {
    type: 'static',
    address,
    ...(gateway !== null && { gateway }),
    ...(dns.length > 0 && { dns_nameservers: dns }),
  };
  return { version: 1, config: [{ type: 'physical', name: 'eth0', mac_address: mac, subnets: [subnet] }] };
}

/** A name of a host has 63 characters at most; the end of an id is what tells it apart. */
export function hostnameOf(node: string): string {
  return node.slice(-63).replace(/^-+|-+$/g, '') || 'node';
}

function asYaml(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
