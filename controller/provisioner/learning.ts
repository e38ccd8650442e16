import type { Change, ChangeData } from '#controller/events';
import { subjectOf, type Fleet } from '#controller/fleet';
import type { NodeFailure } from '#controller/store';
import type { Breakers } from './breaker.ts';
import type { LaunchHistory } from './launch-history.ts';
import type { LaunchRates } from './launch-rates.ts';
import type { Pools } from './pool/index.ts';

/** What the provisioner knows of earlier launches and jobs. */
interface Memory {
  fleet: Fleet;
  breakers: Breakers;
  rates: LaunchRates;
  history: LaunchHistory;
  pools: Pools;
  /** Milliseconds since the epoch. */
  now: number;
}

/** Takes note of what a change says about templates and the demand for them. */
export function learnFrom({ kind, data }: Change, memory: Memory): void {
  const { fleet, breakers, pools, now } = memory;
  if (kind === 'node') learnFromNode(data, memory);
  if (kind === 'job' && data.state === 'queued' && data['attempt'] === 1 && data['images'] !== true)
    pools.arrived(String(data['runsOn']), now);
  // Its name is never used again.
  if (kind === 'image' && data.state === 'deleted') breakers.forget(data.id);
  const mended = kind === 'cloud' && data.state === 'reachable' ? fleet.cloud(data.id)?.templates : undefined;
  // Whoever writes another configuration may have mended what was wrong.
  const hopeful = kind === 'configuration' ? fleet.templates() : mended;
  for (const template of hopeful ?? []) breakers.probe(template);
}

/**
 * Only starts tell something of a template: what becomes of a node later is no failed start. One of a node that was made for a version of an
 * image tells of that version alone.
 */
function learnFromNode(data: ChangeData, { fleet, breakers, rates, history, now }: Memory): void {
  const template = { cloud: String(data['cloud']), name: String(data['template']) };
  // A plan that was not carried out has used up nothing.
  const cloud = data.state === 'planned' ? fleet.cloud(template.cloud) : undefined;
  if (cloud !== undefined) rates.take(cloud, now);
  const { startMs, pin } = data;
  const subject = subjectOf(template, typeof pin === 'string' ? pin : null);
  const isOfTemplate = typeof pin !== 'string';
  if (data.state === 'ready' && typeof startMs === 'number') {
    breakers.succeeded(subject);
    if (isOfTemplate) history.note(template, { at: now, failure: null, startMs });
  }
  if (data.state !== 'failed' || data['hadStarted'] === true) return;
  // Written by `moveNode` from the node's own column.
  const failure = (data['failure'] ?? 'launch') as NodeFailure;
  if (isOfTemplate) history.note(template, { at: now, failure, startMs: null });
  const reason = String(data['reason']);
  // That there was no room, the provider says of all of them.
  if (failure === 'aborted') breakers.aborted(template, reason, now);
  else breakers.failed(subject, reason, now);
}
