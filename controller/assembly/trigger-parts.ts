import { join } from 'node:path';
import { checkLabels } from '#controller/api';
import { submitIn, type SubmitDefaults } from '#controller/builds';
import type { Configuration } from '#controller/config';
import type { Fleet } from '#controller/fleet';
import { createPreparer, createRefs, type Preparer } from '#controller/preparations';
import { createProjects, type Projects } from '#controller/projects';
import { createStatuses, reportBroken, type Statuses } from '#controller/statuses';
import {
  createReceiver,
  createSchedules,
  createStartByHand,
  createTriggers,
  startScheduled,
  type Receiver,
  type Schedules,
  type StartByHand,
  type Triggers,
} from '#controller/triggers';
import type { Pipeline } from '#shared/pipeline';
import type { Ground } from './ground.ts';

/** Projects, what starts their builds, what these start from, and who is told of them. */
export interface TriggerParts {
  projects: Projects;
  receiver: Receiver;
  startByHand: StartByHand;
  triggers: Triggers;
  schedules: Schedules;
  preparer: Preparer;
  statuses: Statuses;
}

export async function createTriggerParts(
  ground: Ground,
  fleet: Fleet,
  { data, publicUrl }: Configuration,
  submitDefaults: SubmitDefaults,
  signal: AbortSignal,
): Promise<TriggerParts> {
  const { blobs, secrets, matcher } = ground;
  const folder = join(data, 'projects');
  const projects = await createProjects({ folder, blobs, secretOf: secrets.valueOf });
  return {
    projects,
    receiver: createReceiver({ ...ground, projects }),
    startByHand: createStartByHand({ ...ground, projects, admit, submitDefaults }),
    triggers: createTriggers({
      ...ground,
      projects,
      submit: (tx, submission) => submitIn(tx, submission, submitDefaults),
      admit,
      reportBroken,
      signal,
    }),
    schedules: createSchedules({ ...ground, start: startScheduled }),
    preparer: createPreparer({
      ...ground,
      fleet,
      folder: join(data, 'preparations'),
      refs: createRefs(signal),
      submitDefaults,
      signal,
    }),
    statuses: createStatuses({ ...ground, publicUrl, signal }),
  };

  function admit(pipeline: Pipeline): void {
    checkLabels(pipeline, fleet.templates(), matcher);
  }
}
