import { z } from 'zod';
import { jsonRoute, type Route } from '../http/route.ts';
import { callerOf } from './authenticate.ts';
import { ROLES } from './token.ts';

const WhoAmI = z.object({ subject: z.string(), role: z.enum(ROLES) }).meta({ id: 'Caller' });

export function authRoutes(): Route[] {
  return [
    jsonRoute({
      method: 'get',
      path: '/whoami',
      summary: 'Says whom the token stands for.',
      role: 'read',
      answer: WhoAmI,
      handle: (_call, response) => callerOf(response),
    }),
  ];
}
