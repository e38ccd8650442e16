import type { Document, Report } from '#shared/document';
import { nearest } from '#shared/nearest';
import { parseAddress } from './address.ts';

/** What the schema can't say of a cloud of hosts: templates name hosts that there are, and each machine is one host. */
export function checkSshCloud(
  { value }: Pick<Document, 'value'>,
  path: readonly string[],
  report: Report,
): void {
  const cloud = path.reduce(at, value);
  const hosts = Object.keys(mappingOf(at(cloud, 'hosts')));
  for (const [template, settings] of Object.entries(mappingOf(at(cloud, 'templates')))) {
    const named = at(settings, 'hosts');
    for (const [index, name] of (Array.isArray(named) ? named : []).entries()) {
      if (typeof name !== 'string' || hosts.includes(name)) continue;
      const [close] = nearest(name, hosts, 1);
      const hint = close === undefined ? `its hosts: ${hosts.join(', ')}` : `did you mean ${close}?`;
      report([...path, 'templates', template, 'hosts', index], `this cloud has no host ${name}`, { hint });
    }
  }
  for (const [name, first] of twins(value, path))
    report([...path, 'hosts', name, 'address'], `${name} is the machine and user of ${first} already`, {
      hint: 'a machine serves one node at a time: name it once, or give each of them a user of its own',
    });
}

/** Hosts of the cloud that come after one with the same address and user, in this cloud or in one before it. */
function twins(value: unknown, path: readonly string[]): [name: string, first: string][] {
  const found: [string, string][] = [];
  const known = new Map<string, string>();
  const own = path.at(-1);
  for (const [cloudName, cloud] of Object.entries(mappingOf(at(value, 'clouds')))) {
    if (at(cloud, 'kind') !== 'ssh') continue;
    for (const [name, host] of Object.entries(mappingOf(at(cloud, 'hosts')))) {
      const place = placeOf(host, cloud);
      if (place === undefined) continue;
      const first = known.get(place);
      if (first === undefined) known.set(place, cloudName === own ? name : `${cloudName}'s ${name}`);
      else if (cloudName === own) found.push([name, first]);
    }
    if (cloudName === own) break;
  }
  return found;
}

function placeOf(host: unknown, cloud: unknown): string | undefined {
  const address = at(host, 'address');
  const parsed = typeof address === 'string' ? parseAddress(address) : undefined;
  const user = at(host, 'user') ?? at(cloud, 'user');
  if (parsed === undefined || typeof user !== 'string') return undefined;
  return `${user}@${parsed.host}:${parsed.port}`;
}

function at(value: unknown, key: string): unknown {
  const mapping = mappingOf(value);
  return Object.hasOwn(mapping, key) ? mapping[key] : undefined;
}

function mappingOf(value: unknown): Record<string, unknown> {
  return isMapping(value) ? value : {};
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
