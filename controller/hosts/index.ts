/** Static hosts: machines that are there all the time, one node on each at a time, reset in between (L12). */
export { freeHosts } from './free-hosts.ts';
export { hostTroubles } from './host-troubles.ts';
export { createHostKeeper, type HostKeeper } from './keeper.ts';
export { claimHost } from './life-cycle.ts';
