import { z } from 'zod';
import { cloudKind, cloudKinds, type CloudKind } from '#controller/clouds';
import type { Document, Path, Report } from '#shared/document';
import { bytes } from '#shared/quantity';

/** What the schema can't say: quotas that no node could be counted against, or that no node fits into, and what each kind of cloud adds. */
export function crossCheck(document: Document, report: Report): void {
  const { value } = document;
  for (const [name, cloud] of entriesOf(at(value, 'clouds'))) {
    const path = ['clouds', name];
    checkReserve(cloud, path, report);
    const kind = kindOf(cloud);
    kind?.check?.(document, path, report);
    const sizes = kind === undefined ? {} : usualSizes(kind);
    const templates = entriesOf(at(cloud, 'templates')).map(
      ([own, template]) => [own, isMapping(template) ? { ...sizes, ...template } : template] as const,
    );
    for (const [own, template] of templates)
      if (kind !== undefined) checkStream(kind, template, [...path, 'templates', own], report);
    for (const amount of AMOUNTS) checkQuota({ holder: cloud, path, templates }, amount, report);
    for (const template of templates) {
      const own = { holder: template[1], path: [...path, 'templates', template[0]], templates: [template] };
      for (const amount of AMOUNTS) checkQuota(own, amount, report);
    }
  }
}

/** Undefined where there is no such kind, which the schema tells. */
function kindOf(cloud: unknown): CloudKind | undefined {
  const kind = at(cloud, 'kind');
  return typeof kind === 'string' && cloudKinds().includes(kind) ? cloudKind(kind) : undefined;
}

/** What a node of the kind has where its template does not say. */
function usualSizes({ template }: CloudKind): Record<string, unknown> {
  if (!(template instanceof z.ZodObject)) return {};
  const { shape } = template;
  const usual = AMOUNTS.map(({ key }) => [key, shape[key]?.safeParse(undefined).data]);
  return Object.fromEntries(usual.filter(([, size]) => size !== undefined));
}

interface Amount {
  quota: 'max-cpus' | 'max-memory';
  key: 'cpus' | 'memory';
  /** Undefined where it is none, which the schema tells. */
  read(written: unknown): number | undefined;
}

const AMOUNTS: readonly Amount[] = [
  { quota: 'max-cpus', key: 'cpus', read: (written) => (typeof written === 'number' ? written : undefined) },
  { quota: 'max-memory', key: 'memory', read: (written) => bytes.safeParse(written).data },
];

/** Who has the quota, where it stands, and the templates that it covers. */
interface Scope {
  holder: unknown;
  path: readonly string[];
  templates: readonly (readonly [string, unknown])[];
}

function checkQuota({ holder, path, templates }: Scope, { quota, key, read }: Amount, report: Report): void {
  const limit = at(holder, quota);
  if (limit === undefined) return;
  const most = read(limit);
  const silent = templates.filter(([, template]) => at(template, key) === undefined).map(([name]) => name);
  if (silent.length > 0) {
    const whose = `${silent.length === 1 ? 'template' : 'templates'} ${silent.join(', ')}`;
    const message = `${quota} counts the ${key} of every node, but ${whose} ${silent.length === 1 ? 'does' : 'do'} not say how much that is`;
    report([...path, quota], message, { at: 'key', hint: `add ${key}: to each of them` });
  }
  for (const [name, template] of templates) {
    const size = read(at(template, key));
    if (most === undefined || size === undefined || size <= most) continue;
    const message = `a node of template ${name} has more ${key} than ${quota} allows: none could ever be launched`;
    report(placeOf(path, name, key), message);
  }
}

/** Nodes are made from the image that the template names, or from the current version of a stream. */
function checkStream(kind: CloudKind, template: unknown, path: readonly string[], report: Report): void {
  if (!isMapping(template)) return;
  const [stream, image] = ['stream' in template, 'image' in template];
  if (stream && kind.images !== true)
    report([...path, 'stream'], `nodes of kind ${kind.kind} are made from no image`, { at: 'key' });
  else if (namesImage(kind) && stream === image)
    report(stream ? [...path, 'stream'] : path, 'say either image or stream', { at: 'key' });
}

function namesImage({ template }: CloudKind): boolean {
  return template instanceof z.ZodObject && 'image' in template.shape;
}

function checkReserve(cloud: unknown, path: readonly string[], report: Report): void {
  const reserved = at(at(cloud, 'reserve'), 'nodes');
  const most = at(cloud, 'max-nodes');
  if (typeof reserved !== 'number') return;
  const place = [...path, 'reserve', 'nodes'];
  if (most === undefined) report(place, 'the reserve is a part of max-nodes, which this cloud does not have');
  else if (typeof most === 'number' && reserved >= most) {
    report(place, `the reserve leaves no node to other jobs: it must be less than max-nodes, ${most}`);
  }
}

function placeOf(path: readonly string[], template: string, key: string): Path {
  return path.includes('templates') ? [...path, key] : [...path, 'templates', template, key];
}

function entriesOf(value: unknown): [string, unknown][] {
  return isMapping(value) ? Object.entries(value) : [];
}

function at(value: unknown, key: string): unknown {
  return isMapping(value) ? value[key] : undefined;
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
