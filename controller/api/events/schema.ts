import { z } from 'zod';
import { BuildName, Id, number, Time } from '../http/fields.ts';

export const Event = z
  .object({
    seq: z.int().positive(),
    at: Time,
    kind: z.enum([
      'build',
      'job',
      'step',
      'node',
      'request',
      'artifact',
      'project',
      'delivery',
      'cordon',
      'host',
      'cloud',
      'template',
      'leak',
      'image',
      'hold',
      'autohold',
      'configuration',
    ]),
    buildId: Id.nullable(),
    jobId: Id.nullable(),
    nodeId: Id.nullable(),
    data: z
      .looseObject({ id: z.string(), state: z.string() })
      .meta({ description: "The object's id and new state, and what a reader wants beside it." }),
  })
  .meta({ id: 'Event' });
export type Event = z.infer<typeof Event>;

export const EventQuery = z.strictObject({
  since: number().optional().meta({
    description:
      'Events with a greater `seq`, from the store; without it (and without Last-Event-ID) only new ones.',
  }),
  build: BuildName.optional().meta({ description: 'Only events of this build.' }),
});
