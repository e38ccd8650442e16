import type { FakeEntry } from '#controller/clouds';

/** What happened to a static host: it got a node, that was gone again, a reset succeeded. */
export type HostUse = 'node' | 'gone' | 'reset';

/** Reads a fake cloud's journal: what happened to each of its static hosts, oldest first. */
export function usesOfHosts(journal: readonly FakeEntry[]): Map<string, HostUse[]> {
  const uses = new Map<string, HostUse[]>();
  const hostOf = new Map<string, string>();
  for (const { event, call, node, host } of journal) {
    if (event === 'created' && node !== null && host !== undefined) {
      hostOf.set(node, host);
      note(host, 'node');
    }
    if (event === 'deleted' && node !== null) note(hostOf.get(node), 'gone');
    if (event === 'returned' && call === 'reset') note(host, 'reset');
  }
  return uses;

  function note(host: string | undefined, use: HostUse): void {
    if (host !== undefined) uses.set(host, [...(uses.get(host) ?? []), use]);
  }
}
