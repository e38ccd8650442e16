import type { PresignedRequest } from '#shared/protocol';
import type { Dialogue } from './dialogue.ts';

/** The requests for the parts of one object, asked for a few at a time, and somewhat before they are needed. */
export interface PartRequests {
  /** The part's request. Parts are taken in their order. */
  take(part: number): Promise<PresignedRequest>;
  /** Another one, in the place of one that has expired. */
  renew(part: number): Promise<PresignedRequest>;
}

/** With a few under way they are used up within seconds where the way is fast, and where it is slow they do not grow old. */
const AHEAD = 16;

/** @param parts numbers of those that are to be stored, in their order */
export function createPartRequests(path: string, parts: readonly number[], dialogue: Dialogue): PartRequests {
  const asked = new Map<number, Promise<PresignedRequest>>();
  let next = 0;

  return {
    async take(part) {
      if (asked.size < AHEAD / 2 || !asked.has(part)) askAhead();
      const request = asked.get(part);
      asked.delete(part);
      return request ?? one(part);
    },
    renew: one,
  };

  function askAhead(): void {
    const numbers = parts.slice(next, next + AHEAD);
    next += numbers.length;
    if (numbers.length === 0) return;
    for (const [part, request] of dialogue.parts(path, numbers)) asked.set(part, request);
  }

  async function one(part: number): Promise<PresignedRequest> {
    const request = dialogue.parts(path, [part]).get(part);
    if (request === undefined) throw new Error(`no request for part ${part}`);
    return request;
  }
}
