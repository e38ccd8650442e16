import { createHash, randomBytes } from 'node:crypto';
import type { Clock } from '#controller/clock';
import type { Journal } from '#controller/events';
import type { Logger } from '#controller/logger';
import type { Projects } from '#controller/projects';
import {
  findProjectByName,
  insertDelivery,
  newId,
  reviveDelivery,
  type Project,
  type Store,
} from '#controller/store';
import { FootmanError } from '#shared/errors';
import { deliveryId, eventName, header, type Headers } from './headers.ts';
import { isSigned } from './signature.ts';

/** A webhook's request, as it came. */
export interface Incoming {
  /** Name of the project. */
  project: string;
  headers: Headers;
  body: Buffer;
}

/** What became of it: taken, here already, or only a question whether somebody listens. */
export type Receipt = { kind: 'accepted'; id: string } | { kind: 'known' } | { kind: 'pong' };

export interface Receiver {
  /**
   * Checks who sent it and keeps it; what it starts is found out later. A delivery whose id or whose body has been here is not taken again,
   * unless it failed.
   *
   * @throws FootmanError `unauthenticated`, the same for a project that there is not, one without webhooks, and a wrong signature.
   */
  receive(incoming: Incoming): Promise<Receipt>;
}

interface Deps {
  store: Store;
  journal: Journal;
  clock: Clock;
  projects: Pick<Projects, 'secret'>;
  logger?: Logger;
}

export function createReceiver({ store, journal, clock, projects, logger }: Deps): Receiver {
  // Nobody knows it: what no secret guards is checked against this one, so that the check takes its time all the same.
  const unknowable = randomBytes(32).toString('hex');

  return {
    async receive({ project: name, headers, body }) {
      const project = await findProjectByName(store.db, name);
      const secret = project === undefined ? undefined : await secretOf(project);
      const provider = project?.provider ?? 'github';
      const good = isSigned({ provider, headers, body, secret: secret ?? unknowable, now: clock.now() });
      if (project === undefined || secret === undefined || !good) throw refused();
      const event = eventName(provider, headers);
      if (event === 'ping') return { kind: 'pong' };
      return keep(project, event, headers, body);
    },
  };

  async function secretOf(project: Project): Promise<string | undefined> {
    const { webhook_secret: name } = project;
    const value = name === null ? undefined : await read(project, name);
    return value === '' ? undefined : value;
  }

  /** What can't be read is for the controller's log: another answer would tell everybody that there is such a project. */
  async function read(project: Project, name: string): Promise<string | undefined> {
    try {
      return await projects.secret(project, name);
    } catch (error) {
      if (!(error instanceof FootmanError)) throw error;
      const about = { err: error, project: project.name, secret: name };
      logger?.error(about, "a webhook's secret could not be read; its deliveries are refused");
      return undefined;
    }
  }

  function keep(project: Project, event: string, headers: Headers, body: Buffer): Promise<Receipt> {
    const digest = createHash('sha256').update(body).digest('hex');
    const payload = payloadOf(headers, body);
    return journal.commit(async (tx) => {
      const taken = await insertDelivery(tx.db, {
        id: newId(),
        project_id: project.id,
        delivery: deliveryId(project.provider, headers) ?? digest,
        digest,
        event,
        payload,
        state: 'received',
        reason: null,
        attempts: 0,
        due_at: tx.at,
        received_at: tx.at,
        processed_at: null,
      });
      const delivery = taken ?? (await reviveDelivery(tx.db, project.id, { digest, payload }, tx.at));
      if (delivery === undefined) return { kind: 'known' };
      const { id } = delivery;
      await tx.record({ kind: 'delivery', data: { id, state: 'received', project: project.name, event } });
      return { kind: 'accepted', id };
    });
  }
}

/** JSON, be it in a form's field, which GitHub and Gitea can be told to send. */
function payloadOf(headers: Headers, body: Buffer): string {
  const text = body.toString('utf8');
  const type = header(headers, 'content-type') ?? '';
  if (!type.startsWith('application/x-www-form-urlencoded')) return text;
  return new URLSearchParams(text).get('payload') ?? text;
}

function refused(): FootmanError {
  return new FootmanError(
    'unauthenticated',
    'this delivery is not signed with the secret of a project here',
    {
      hint: 'the project names its webhook-secret; the service must be given the value of that secret',
    },
  );
}
