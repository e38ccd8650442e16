import type { Machine } from './contract.ts';

/** Where the machine's sshd is, as known_hosts names it. */
export function placeOf({ host, port }: Pick<Machine, 'host' | 'port'>): string {
  const name = host.toLowerCase();
  return port === 22 ? name : `[${name}]:${port}`;
}

/** The machine, for errors: its name and where it is. */
export function titleOf(machine: Machine): string {
  const place = placeOf(machine);
  return machine.name === place ? place : `${machine.name} (${place})`;
}
