import type { Template } from '#controller/fleet';
import type { Node } from '#controller/store';
import { formatDuration } from '#shared/quantity';

/** What a node is compared by. */
export type Dated = Pick<Node, 'template_digest' | 'image' | 'ready_at'>;

/**
 * Why an idle node is to be replaced, or null when it is good: its template changed, or is gone; its image is not the one that a new node
 * would get; it has been ready for too long. What is not known of a node, as of those that an earlier Footman made, makes it none.
 *
 * @param image what a new node would get; null where that is not known, which makes no node outdated
 */
export function whyOutdated(
  node: Dated,
  template: Template | undefined,
  image: string | null,
  now: number,
): string | null {
  if (template === undefined) return 'its template is not configured any more';
  if (node.template_digest !== '' && node.template_digest !== template.digest)
    return 'its template has changed';
  if (image !== null && node.image !== null && node.image !== image) return 'its image has changed';
  const { maxReadyAgeMs } = template.pool;
  if (maxReadyAgeMs === null || node.ready_at === null || now - node.ready_at < maxReadyAgeMs) return null;
  return `it has been ready for ${formatDuration(maxReadyAgeMs)}`;
}
