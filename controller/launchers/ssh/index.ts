/** How agents get onto machines that are there: over SSH, with the runtime brought along. */
export type { HostKeys, KnownHosts, Machine, NodeOnMachine, NodeStart, SshLauncher } from './contract.ts';
export { fingerprint, parseHostKey } from './host-key.ts';
export { makeKeyPair } from './key-pair.ts';
export { createKnownHosts } from './known-hosts.ts';
export { placeOf } from './place.ts';
export { createSshLauncher, type SshLauncherOptions } from './ssh-launcher.ts';
