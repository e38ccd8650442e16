import type { TemplateId } from '#controller/fleet';
import type { Waiting } from '#controller/queue';
import type { Decline, RequestState, WantedImages } from '#controller/store';

/** A node request that still wants its node. */
export interface OpenRequest extends Waiting {
  id: string;
  /** The job that asks; null for a pool. */
  jobId: string | null;
  /** The template whose pool asks: its only candidate; null for jobs. */
  pool: { cloud: string; template: string } | null;
  runsOn: string;
  /** The only templates that may serve, each with the version that the node is to be made from; null where any may whose labels fit. */
  images: WantedImages | null;
  state: Extract<RequestState, 'requested' | 'pending'>;
  /** The newest of each candidate, oldest first. */
  declines: readonly Decline[];
  /** Milliseconds since the epoch. */
  createdAt: number;
}

/** The version that a node of the template would be made for, and for nobody else; null where it is what the template says itself. */
export function pinFor(
  { cloud, name }: TemplateId,
  request: Pick<OpenRequest, 'images'> | null,
): string | null {
  return request?.images?.[`${cloud}/${name}`] ?? null;
}
