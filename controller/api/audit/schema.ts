import { z } from 'zod';
import { Id, number, Time } from '../http/fields.ts';

export const AuditQuery = z.strictObject({
  subject: z.string().min(1).max(256).optional().meta({ description: "Such as a hold's id." }),
  limit: number({ least: 1, most: 1000 }).default(100),
});

export const AuditEntry = z
  .object({
    id: Id,
    at: Time,
    actor: z.string().meta({ description: 'Name of a token, or what did it by itself.' }),
    action: z.string().meta({ description: 'Such as `hold.key-added`.' }),
    subject: z.string().meta({ description: 'What it was done to.' }),
    data: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'AuditEntry' });
export type AuditEntry = z.infer<typeof AuditEntry>;

export const AuditLog = z.object({ entries: z.array(AuditEntry) }).meta({ id: 'AuditLog' });
export type AuditLog = z.infer<typeof AuditLog>;
