import type { Tx } from '#controller/events';
import { insertDelivery, newId, type Delivery, type Project, type ScheduleRow } from '#controller/store';
import { z } from 'zod';

/** What Footman tells itself, by the same table as others do: it survives a crash, is tried again, and is listed with its outcome. */
export type OwnEvent = z.infer<typeof OwnEvent>;

const OwnEvent = z.discriminatedUnion('kind', [
  /** A pipeline's time has come. */
  z.object({
    kind: z.literal('schedule'),
    file: z.string(),
    cron: z.string(),
    timezone: z.string(),
    at: z.int(),
  }),
  /** The project is new, or other than it was. */
  z.object({ kind: z.literal('look'), at: z.int() }),
]);

/** No name that a header brings begins so: `webhooks/headers.ts`. */
const PREFIX = 'footman.';

export function isOwn(eventName: string): boolean {
  return eventName.startsWith(PREFIX);
}

export function readOwnEvent({ payload }: Delivery): OwnEvent {
  return OwnEvent.parse(JSON.parse(payload));
}

/** Sees to it that the schedule's build is started, as part of the transaction that moves the schedule on. Once for each of its times. */
export function startScheduled(tx: Tx, project: Project, schedule: ScheduleRow): Promise<void> {
  const { file, cron, timezone, next_at: at } = schedule;
  return tell(tx, project, { kind: 'schedule', file, cron, timezone, at });
}

/** Sees to it that the project's default branch is looked at. */
export function lookAtProject(tx: Tx, project: Project): Promise<void> {
  return tell(tx, project, { kind: 'look', at: tx.at });
}

async function tell(tx: Tx, project: Project, own: OwnEvent): Promise<void> {
  const payload = JSON.stringify(own);
  const event = PREFIX + own.kind;
  const taken = await insertDelivery(tx.db, {
    id: newId(),
    project_id: project.id,
    delivery: `${event} ${payload}`,
    digest: `${event} ${payload}`,
    event,
    payload,
    state: 'received',
    reason: null,
    attempts: 0,
    due_at: tx.at,
    received_at: tx.at,
    processed_at: null,
  });
  if (taken === undefined) return;
  await tx.record({
    kind: 'delivery',
    data: { id: taken.id, state: 'received', project: project.name, event },
  });
}
