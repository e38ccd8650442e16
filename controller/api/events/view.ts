import type { Event as EventRow } from '#controller/store';
import type { Event } from './schema.ts';

export function viewEvent(event: EventRow): Event {
  const { seq, at, kind, build_id: buildId, job_id: jobId, node_id: nodeId, data } = event;
  return { seq, at, kind, buildId, jobId, nodeId, data: data as Event['data'] };
}
