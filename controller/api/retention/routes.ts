import { audit } from '#controller/events';
import { markBuilds, planRetention, type Fate, type Plan } from '#controller/retention';
import { storedBytesOf } from '#controller/store';
import { callerOf } from '../auth/authenticate.ts';
import type { ApiDeps } from '../deps.ts';
import { disconnected } from '../http/disconnected.ts';
import { jsonRoute, type Route } from '../http/route.ts';
import { RetentionPlan, RetentionQuery } from './schema.ts';

/** Builds whose numbers an audit entry has. */
const MOST_NAMED = 1000;

export function retentionRoutes({ store, journal, clock, reloader, logger }: ApiDeps): Route[] {
  return [
    jsonRoute({
      method: 'get',
      path: '/retention',
      summary: 'Lists the builds that would go now, and why. Changes nothing.',
      role: 'read',
      query: RetentionQuery,
      answer: RetentionPlan,
      handle: async ({ query }, response) =>
        view(await plan(query.staying, disconnected(response)), query.limit),
    }),

    jsonRoute({
      method: 'post',
      path: '/retention',
      summary:
        'Has the builds go at once that would go at the next pass, and answers with them. Their objects go soon after.',
      role: 'admin',
      query: RetentionQuery,
      answer: RetentionPlan,
      async handle({ query }, response) {
        const signal = disconnected(response);
        const found = await plan(query.staying, signal);
        const actor = callerOf(response).subject;
        const numbers = found.going.map(({ build }) => build.number);
        const data = { count: numbers.length, builds: numbers.slice(0, MOST_NAMED) };
        // Before they go: whoever asks and leaves has asked.
        await journal.commit((tx) =>
          audit(tx, { actor, action: 'retention.applied', subject: 'builds', data }),
        );
        const going = await markBuilds(journal, found.going, signal);
        logger.info({ builds: going.length, actor }, 'builds go, as somebody asked');
        return view({ ...found, going }, query.limit);
      },
    }),
  ];

  function plan(withStaying: boolean, signal: AbortSignal): Promise<Plan> {
    return planRetention(store.db, reloader.running().retention, clock.now(), { withStaying, signal });
  }

  async function view({ going, staying, builds, bytes }: Plan, limit: number): Promise<RetentionPlan> {
    const [first, others] = [going.slice(0, limit), staying.slice(0, limit)];
    const sizes = await storedBytesOf(
      store.db,
      [...first, ...others].map(({ build }) => build.id),
    );
    const viewFate = ({ build, reason, dueAt }: Fate) => ({
      id: build.id,
      number: build.number,
      pipeline: build.pipeline,
      branch: build.branch,
      result: build.result,
      finishedAt: build.finished_at,
      bytes: sizes.get(build.id) ?? 0,
      reason,
      dueAt,
    });
    return {
      going: first.map(viewFate),
      staying: others.map(viewFate),
      counts: { going: going.length, builds },
      bytes,
    };
  }
}
