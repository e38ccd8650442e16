import type { Node, WantedImages } from '#controller/store';

/** What a node is made from, as far as jobs ask for it. */
type Made = Pick<Node, 'cloud' | 'template' | 'version_id' | 'pinned'>;

/** The version that the node was made for; null for a node of what its template says, which is for everybody. */
export function pinOf({ version_id: version, pinned }: Pick<Node, 'version_id' | 'pinned'>): string | null {
  return pinned === 1 ? version : null;
}

/** Whether the node is made from what a job wants: its labels are another matter. */
export function hasWantedImage(node: Made, images: WantedImages | null): boolean {
  const pin = pinOf(node);
  // Most jobs want nothing, and this is asked for each of them.
  if (images === null) return pin === null;
  return images[`${node.cloud}/${node.template}`] === pin;
}

/** Equal for nodes that the same jobs may have, as far as images go. */
export function imageKindOf(node: Made): string {
  return `${node.cloud}/${node.template} ${pinOf(node) ?? ''}`;
}

/** Equal for jobs that ask for the same: a key of what was found for one of them. */
export function wishKey(runsOn: string, images: WantedImages | null): string {
  return images === null ? runsOn : `${runsOn} ${JSON.stringify(images)}`;
}
