import type {
  AuditLog,
  Autohold,
  AutoholdList,
  NewAutohold,
  NewToken,
  SignedToken,
  UserKey,
  UserKeyList,
} from '#controller/api';
import type { Call } from './transport.ts';

/** The part of the API that knows who people are: their keys, their standing rules, their tokens, and what they did. */
export interface PeopleClient {
  /** Those that stand, oldest first. */
  autoholds(choice: { mine: boolean }): Promise<AutoholdList>;
  addAutohold(autohold: NewAutohold): Promise<Autohold>;
  removeAutohold(id: string): Promise<Autohold>;
  /** Of whoever calls. */
  keys(): Promise<UserKeyList>;
  addKey(line: string): Promise<UserKey>;
  removeKey(fingerprint: string): Promise<UserKey>;
  signToken(wish: NewToken): Promise<SignedToken>;
  /** Newest first. */
  audit(choice: { subject?: string | undefined; limit?: number | undefined }): Promise<AuditLog>;
}

export function createPeopleClient(read: <T>(call: Call) => Promise<T>): PeopleClient {
  return {
    autoholds: ({ mine }) => read({ path: mine ? '/autoholds?mine=true' : '/autoholds' }),
    addAutohold: (autohold) => read({ method: 'POST', path: '/autoholds', json: autohold }),
    removeAutohold: (id) => read({ method: 'DELETE', path: `/autoholds/${encodeURIComponent(id)}` }),
    keys: () => read({ path: '/keys' }),
    addKey: (key) => read({ method: 'POST', path: '/keys', json: { key } }),
    removeKey: (fingerprint) => read({ method: 'DELETE', path: `/keys/${encodeURIComponent(fingerprint)}` }),
    signToken: (wish) => read({ method: 'POST', path: '/tokens', json: wish }),
    audit: ({ subject, limit }) => {
      const query = new URLSearchParams();
      if (subject !== undefined) query.set('subject', subject);
      if (limit !== undefined) query.set('limit', String(limit));
      return read({ path: `/audit?${query.toString()}` });
    },
  };
}
