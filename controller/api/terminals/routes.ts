import { assertOwn } from '#controller/holds';
import { FootmanError } from '#shared/errors';
import type { ChannelUse } from '#shared/protocol';
import type { z } from 'zod';
import { doerOf } from '../auth/authenticate.ts';
import type { ApiDeps } from '../deps.ts';
import { requireHold } from '../holds/find.ts';
import { HoldParams } from '../holds/schema.ts';
import { jsonRoute, type Route } from '../http/route.ts';
import { NewTerminal, TerminalTicket } from './schema.ts';
import { TERMINALS_PATH } from './terminals.ts';

export function terminalRoutes({ store, terminals, heldNodes }: ApiDeps): Route[] {
  return [
    jsonRoute({
      method: 'post',
      path: '/holds/{hold}/terminals',
      summary:
        'Gives a ticket for a terminal on a held node. A WebSocket opens it: bytes go in binary frames; `{type: "resize", columns, rows}` comes, and `{type: "exit", exit, signal}` or `{type: "closed", code, message}` goes in a text frame.',
      role: 'develop',
      params: HoldParams,
      body: NewTerminal,
      answer: TerminalTicket,
      status: 201,
      async handle({ params, body }, response) {
        const hold = await requireHold(store.db, params.hold);
        const doer = doerOf(response);
        assertOwn(doer, hold.owner, `hold ${hold.id}`);
        if (hold.state !== 'held')
          throw new FootmanError('conflict', `hold ${hold.id} is over: it ${hold.outcome ?? hold.state}`);
        if (!heldNodes.isConnected(hold.node_id))
          throw new FootmanError('node-unreachable', `the agent of node ${hold.node_id} is not connected`, {
            hint: 'a machine that starts anew takes its time; try again in a moment',
          });
        const given = terminals.tickets.issue({ holdId: hold.id, subject: doer.actor, use: useOf(body) });
        response.setHeader('Cache-Control', 'no-store');
        return { ...given, path: TERMINALS_PATH + given.ticket };
      },
    }),
  ];
}

function useOf({ columns, rows, term, command }: z.output<typeof NewTerminal>): ChannelUse {
  const pty = { term, columns, rows };
  return command === undefined ? { kind: 'shell', pty, env: {} } : { kind: 'exec', command, pty, env: {} };
}
