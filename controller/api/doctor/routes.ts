import type { ApiDeps } from '../deps.ts';
import { disconnected } from '../http/disconnected.ts';
import { jsonRoute, type Route } from '../http/route.ts';
import { DoctorReport } from './schema.ts';
import { z } from 'zod';

export function doctorRoutes({ doctor }: ApiDeps): Route[] {
  return [
    jsonRoute({
      method: 'get',
      path: '/doctor',
      summary:
        'Examines clouds, nodes, hosts, the storage and the machine as they are now, and says what is wrong. Changes nothing.',
      role: 'read',
      query: z.strictObject({}),
      answer: DoctorReport,
      handle: (_call, response) => doctor.examine(disconnected(response)),
    }),
  ];
}
