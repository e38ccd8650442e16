import { listAudit } from '#controller/store';
import type { ApiDeps } from '../deps.ts';
import { jsonRoute, type Route } from '../http/route.ts';
import { AuditLog, AuditQuery } from './schema.ts';

export function auditRoutes({ store }: Pick<ApiDeps, 'store'>): Route[] {
  return [
    jsonRoute({
      method: 'get',
      path: '/audit',
      summary: 'Lists who did what, the newest first.',
      role: 'read',
      query: AuditQuery,
      answer: AuditLog,
      handle: async ({ query }) => ({ entries: await listAudit(store.db, query) }),
    }),
  ];
}
