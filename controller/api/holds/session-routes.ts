import { open, type FileHandle } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import type { Response } from 'express';
import { assertOwn } from '#controller/holds';
import { sessionsOfHold, type ListedHold } from '#controller/store';
import { FootmanError } from '#shared/errors';
import { doerOf } from '../auth/authenticate.ts';
import type { ApiDeps } from '../deps.ts';
import { jsonRoute, streamRoute, type Route } from '../http/route.ts';
import { requireHold } from './find.ts';
import { HoldParams, HoldSessionList, HoldSessionParams } from './schema.ts';
import { viewSession } from './view.ts';

/** Who was on a held node, and what their terminals showed: for its owner and administrators alone, since people type what they like. */
export function sessionRoutes({ store, access }: ApiDeps): Route[] {
  return [
    jsonRoute({
      method: 'get',
      path: '/holds/{hold}/sessions',
      summary: 'Lists who was on a held node, for its owner and administrators.',
      role: 'develop',
      params: HoldParams,
      answer: HoldSessionList,
      async handle({ params }, response) {
        const { id } = await ownHold(params.hold, response);
        return { sessions: (await sessionsOfHold(store.db, id)).map(viewSession) };
      },
    }),

    streamRoute({
      method: 'get',
      path: '/holds/{hold}/sessions/{session}/recording',
      summary: 'What a terminal showed, as asciinema plays it; of one that goes on, what there is.',
      role: 'develop',
      params: HoldSessionParams,
      answer: { status: 200, mediaType: 'application/x-asciicast', description: 'Asciicast, version 2.' },
      async handle({ params }, _request, response) {
        const { id } = await ownHold(params.hold, response);
        const session = (await sessionsOfHold(store.db, id)).find((one) => one.id === params.session);
        if (session === undefined)
          throw new FootmanError('not-found', `hold ${id} has no session ${params.session}`);
        await using file = await openRecording(access.recording(id, session.id));
        // What is written meanwhile is not sent: the length is told first.
        const { size } = await file.stat();
        response.setHeader('Cache-Control', 'no-store');
        response.setHeader('Content-Length', size);
        response.type('application/x-asciicast');
        if (size === 0) response.end();
        else await pipeline(file.createReadStream({ end: size - 1, autoClose: false }), response);
      },
    }),
  ];

  async function ownHold(id: string, response: Response): Promise<ListedHold> {
    const hold = await requireHold(store.db, id);
    assertOwn(doerOf(response), hold.owner, `hold ${id}`);
    return hold;
  }
}

async function openRecording(path: string): Promise<FileHandle> {
  try {
    return await open(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new FootmanError('not-found', 'this session was not recorded, or not kept', {
      hint: '`bastion: { recording: terminals }` in footman.yaml has terminals recorded',
    });
  }
}
