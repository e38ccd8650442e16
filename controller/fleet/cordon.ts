import type { Cordon, Node } from '#controller/store';

/** What stands against new nodes of a target, `cloud` or `cloud/template`. */
export type Cordons = ReadonlyMap<string, Cordon>;

/** Why no job may get the node: its own cordon, its template's or its cloud's; null when none does. */
export function cordonOf(
  node: Pick<Node, 'cloud' | 'template' | 'cordoned'>,
  cordons: Cordons,
): string | null {
  return node.cordoned ?? cordonOfTemplate({ cloud: node.cloud, name: node.template }, cordons);
}

/** Why no node may be launched of the template: its cordon or its cloud's; null when there is none. */
export function cordonOfTemplate(template: { cloud: string; name: string }, cordons: Cordons): string | null {
  if (cordons.size === 0) return null;
  const cordon = cordons.get(`${template.cloud}/${template.name}`) ?? cordons.get(template.cloud);
  if (cordon === undefined) return null;
  return `${cordon.target} is cordoned by ${cordon.actor}: ${cordon.reason}`;
}
