import type { Template } from '#controller/fleet';
import type { Node } from '#controller/store';
import { formatDuration } from '#shared/quantity';

/** What a node is compared by. */
export type Dated = Pick<Node, 'template_digest' | 'image' | 'version_id' | 'ready_at'>;

/** What a new node would be made from; null where that is not known, which makes no node outdated. */
interface Fresh {
  image: string | null;
  /** Of the template's stream. */
  version: string | null;
}

/**
 * Why an idle node is to be replaced, or null when it is good: its template changed, or is gone; its image is not the one that a new node
 * would get, or of another version of its stream; it has been ready for too long. What is not known of a node, as of those that an earlier
 * Footman made, makes it none.
 */
export function whyOutdated(
  node: Dated,
  template: Template | undefined,
  { image, version }: Fresh,
  now: number,
): string | null {
  if (template === undefined) return 'its template is not configured any more';
  if (node.template_digest !== '' && node.template_digest !== template.digest)
    return 'its template has changed';
  if (version !== null && node.version_id !== version)
    return `another version of ${template.stream} was promoted`;
  if (image !== null && node.image !== null && node.image !== image) return 'its image has changed';
  const { maxReadyAgeMs } = template.pool;
  if (maxReadyAgeMs === null || node.ready_at === null || now - node.ready_at < maxReadyAgeMs) return null;
  return `it has been ready for ${formatDuration(maxReadyAgeMs)}`;
}
