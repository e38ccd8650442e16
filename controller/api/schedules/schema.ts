import { z } from 'zod';
import { Id, Time } from '../http/fields.ts';

export const Schedule = z
  .object({
    id: Id,
    file: z.string(),
    cron: z.string().meta({ description: 'As the file has it.' }),
    resolved: z
      .string()
      .meta({ description: 'With the times that H and aliases stand for in this project.' }),
    timezone: z.string(),
    nextAt: Time,
    lastAt: Time.nullable(),
  })
  .meta({ id: 'Schedule' });
export type Schedule = z.infer<typeof Schedule>;

export const ScheduleList = z.object({ schedules: z.array(Schedule) }).meta({ id: 'ScheduleList' });
export type ScheduleList = z.infer<typeof ScheduleList>;
