/**
 * Every error that Footman shows, once. The HTTP status and the exit code derive from here.
 *
 * - `status`: the HTTP status of an API answer that carries this error.
 * - `exit`: the exit code of the command line, after sysexits.h where it has a fitting one.
 * - `actor`: who must act for the error to go away. `nobody` means that Footman tries again by itself.
 */
export const CATALOGUE = {
  'document-invalid': { status: 400, exit: 65, actor: 'author' },
  'label-invalid': { status: 400, exit: 65, actor: 'author' },
  'request-invalid': { status: 400, exit: 64, actor: 'user' },
  unauthenticated: { status: 401, exit: 77, actor: 'user' },
  forbidden: { status: 403, exit: 77, actor: 'user' },
  'not-found': { status: 404, exit: 66, actor: 'user' },
  conflict: { status: 409, exit: 75, actor: 'user' },
  gone: { status: 410, exit: 66, actor: 'user' },
  'too-large': { status: 413, exit: 65, actor: 'user' },
  'too-many-requests': { status: 429, exit: 75, actor: 'nobody' },
  'expression-failed': { status: 422, exit: 65, actor: 'author' },
  'repository-unreachable': { status: 502, exit: 69, actor: 'administrator' },
  'no-such-label': { status: 422, exit: 65, actor: 'author' },
  'controller-unreachable': { status: 503, exit: 69, actor: 'user' },
  'controller-busy': { status: 503, exit: 75, actor: 'administrator' },
  'configuration-invalid': { status: 500, exit: 78, actor: 'administrator' },
  'schema-too-new': { status: 500, exit: 78, actor: 'administrator' },
  'secret-unreadable': { status: 500, exit: 78, actor: 'administrator' },
  'host-unfit': { status: 500, exit: 71, actor: 'administrator' },
  'cloud-unavailable': { status: 503, exit: 69, actor: 'nobody' },
  'cloud-aborted': { status: 503, exit: 75, actor: 'nobody' },
  'cloud-refused': { status: 502, exit: 69, actor: 'administrator' },
  'storage-unavailable': { status: 503, exit: 75, actor: 'nobody' },
  'storage-refused': { status: 502, exit: 69, actor: 'administrator' },
  'protocol-violation': { status: 400, exit: 76, actor: 'maintainer' },
  'agent-refused': { status: 409, exit: 77, actor: 'nobody' },
  'node-unreachable': { status: 503, exit: 69, actor: 'nobody' },
  cancelled: { status: 409, exit: 130, actor: 'user' },
  internal: { status: 500, exit: 70, actor: 'maintainer' },
} as const satisfies Record<string, { status: number; exit: number; actor: Actor }>;

export type Actor = 'user' | 'author' | 'administrator' | 'maintainer' | 'nobody';
export type ErrorCode = keyof typeof CATALOGUE;
