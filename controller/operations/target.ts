import type { Fleet } from '#controller/fleet';
import { cordonsOf, findNode, liveNodes, type Db, type Node } from '#controller/store';
import { FootmanError } from '#shared/errors';
import { nearest } from '#shared/nearest';

/** What can be cordoned and drained, by the name that people give it. */
export type Target =
  | { kind: 'cloud'; name: string; cloud: string }
  | { kind: 'template'; name: string; cloud: string; template: string }
  | { kind: 'node'; name: string; node: Node };

interface Deps {
  db: Db;
  fleet: Fleet;
}

/**
 * `docker` is a cloud, `docker/debian` a template, anything else the id of a node that is not yet gone. Clouds and templates that are not
 * configured any more are known for as long as they have nodes or a cordon.
 *
 * @throws FootmanError `not-found`, with the nearest names.
 */
export async function findTarget({ db, fleet }: Deps, name: string): Promise<Target> {
  const node = await findNode(db, name);
  if (node !== undefined && node.state !== 'deleted') return { kind: 'node', name, node };
  const nodes = await liveNodes(db);
  const known = new Set([...configured(fleet), ...nodes.flatMap(placesOf), ...(await cordoned(db))]);
  if (known.has(name)) return targetOf(name);
  const hint = hintFor(name, [...known, ...nodes.map(({ id }) => id)]);
  const message = `there is no cloud, template or living node ${JSON.stringify(name)}`;
  throw new FootmanError('not-found', message, hint === undefined ? {} : { hint });
}

/** Whether the node is of the target. */
export function isOf({ id, cloud, template }: Node, target: Target): boolean {
  if (target.kind === 'node') return id === target.node.id;
  return cloud === target.cloud && (target.kind === 'cloud' || template === target.template);
}

function targetOf(name: string): Target {
  const [cloud = '', template] = name.split('/');
  return template === undefined
    ? { kind: 'cloud', name, cloud }
    : { kind: 'template', name, cloud, template };
}

function configured(fleet: Fleet): string[] {
  const templates = fleet.templates().map(({ cloud, name }) => `${cloud}/${name}`);
  return [...fleet.clouds().map(({ name }) => name), ...templates];
}

function placesOf({ cloud, template }: Node): string[] {
  return [cloud, `${cloud}/${template}`];
}

async function cordoned(db: Db): Promise<string[]> {
  return (await cordonsOf(db)).map(({ target }) => target);
}

function hintFor(name: string, known: readonly string[]): string | undefined {
  const close = nearest(name, known);
  if (close.length > 0) return `did you mean ${close.join(' or ')}?`;
  return known.length === 0 ? undefined : '`footman clouds` and `footman nodes` list what there is';
}
