import { PACKET, STATUS } from './codes.ts';
import type { Fields } from './fields.ts';
import type { Field } from './packet-writer.ts';
import type { Session } from './session.ts';

/** A packet that answers a request; its id comes before the fields. */
export interface Answer {
  type: number;
  fields: readonly Field[];
}

/** Does what a client asks for. @throws Refusal or an error of the system, which the client hears as a status */
export type Request = (fields: Fields, session: Session) => Promise<Answer>;

export const DONE: Answer = statusAnswer(STATUS.ok, 'done');
export const END_OF_FILE: Answer = statusAnswer(STATUS.endOfFile, 'end of file');

export function statusAnswer(status: number, message: string): Answer {
  return { type: PACKET.status, fields: [status, message, 'en'] };
}
