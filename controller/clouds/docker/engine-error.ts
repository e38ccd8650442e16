import { FootmanError, messageOf, type ErrorCode } from '#shared/errors';

interface Explanation {
  code: ErrorCode;
  /** What is so, after "the Docker Engine at HOST"; the engine's own words where it is left out. */
  state?: string;
  hint?: string;
}

const CHECK_ENGINE = 'is dockerd running there, and does it listen on this address?';

/** By system error code: the engine was not reached. */
const BY_CODE: Readonly<Record<string, Explanation>> = {
  ENOENT: { code: 'cloud-unavailable', state: 'is not there', hint: CHECK_ENGINE },
  ECONNREFUSED: { code: 'cloud-unavailable', state: 'refuses connections', hint: CHECK_ENGINE },
  EACCES: {
    code: 'cloud-unavailable',
    state: "can't be opened by the controller's user",
    hint: 'add the user to the group that owns the socket, such as docker',
  },
  ENOTFOUND: { code: 'cloud-unavailable', state: 'has a name that is unknown' },
  EAI_AGAIN: { code: 'cloud-unavailable', state: "has a name that can't be looked up now" },
  EHOSTUNREACH: { code: 'cloud-unavailable', state: "can't be reached" },
  ENETUNREACH: { code: 'cloud-unavailable', state: "can't be reached" },
  ETIMEDOUT: { code: 'cloud-unavailable', state: "doesn't answer" },
  ECONNRESET: { code: 'cloud-unavailable', state: 'closed the connection', hint: CHECK_ENGINE },
  EPIPE: { code: 'cloud-unavailable', state: 'closed the connection', hint: CHECK_ENGINE },
};

const NO_SPACE = /no space left on device/i;

/** By the engine's words, first match first; before the status, which is 500 for most of them. */
const BY_MESSAGE: readonly (Explanation & { pattern: RegExp })[] = [
  {
    pattern: NO_SPACE,
    code: 'cloud-unavailable',
    state: 'has no room left on its disk',
    hint: 'docker system df shows what uses it',
  },
  {
    pattern: /docker-init.*(not found|no such file)/i,
    code: 'cloud-refused',
    state: 'lacks docker-init, which reaps the processes that steps leave behind',
    hint: "it comes with Docker's packages, and must be on the engine's PATH",
  },
  {
    pattern:
      /pull access denied|manifest (for .* )?(unknown|not found)|name unknown|repository .* not found/i,
    code: 'cloud-refused',
    hint: "is the image's name right, and are there credentials for its registry under registries?",
  },
  {
    pattern: /unauthorized|no basic auth credentials|authentication required|access denied/i,
    code: 'cloud-refused',
    hint: 'set the username and password of the registry under registries',
  },
  {
    pattern: /bind source path does not exist/i,
    code: 'cloud-refused',
    hint: 'the path is looked up on the machine of the engine; if the controller is in a container, set agents-dial: public-url',
  },
  { pattern: /certificate|tls|ssl/i, code: 'cloud-refused', hint: 'check tls: ca, cert and key' },
  {
    pattern: /host key verification failed|permission denied \(/i,
    code: 'cloud-refused',
    hint: "run ssh to that host once as the controller's user",
  },
];

/** HTTP status of the engine's answer; undefined when there was none. */
export function statusOf(error: unknown): number | undefined {
  return error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : undefined;
}

/** Whether the engine's disk is full. */
export function isOutOfSpace(error: unknown): boolean {
  return !(error instanceof FootmanError) && NO_SPACE.test(engineWords(error));
}

/** The one place where what an engine or its transport threw becomes a sentence, and says who acts. */
export function explainEngineError(error: unknown, host: string): FootmanError {
  if (error instanceof FootmanError) return error;
  const words = engineWords(error);
  const { code, state, hint } = explanationOf(error, words);
  const sentence = state === undefined ? `says: ${words}` : state;
  return new FootmanError(code, `the Docker Engine at ${host} ${sentence}`, {
    ...(hint !== undefined && { hint }),
    cause: error,
  });
}

function explanationOf(error: unknown, words: string): Explanation {
  const status = statusOf(error);
  const byCode = status === undefined ? BY_CODE[systemCode(error)] : undefined;
  if (byCode !== undefined) return byCode;
  const byMessage = BY_MESSAGE.find(({ pattern }) => pattern.test(words));
  if (byMessage !== undefined) return byMessage;
  // Conflicts pass, as do faults of the engine's own and whatever nobody foresaw; what it won't accept stays so.
  const refused = status !== undefined && status >= 400 && status < 500 && status !== 409 && status !== 429;
  return { code: refused ? 'cloud-refused' : 'cloud-unavailable' };
}

function engineWords(error: unknown): string {
  if (error instanceof Error && 'json' in error && hasMessage(error.json)) return error.json.message.trim();
  return messageOf(error).trim();
}

function hasMessage(json: unknown): json is { message: string } {
  return typeof json === 'object' && json !== null && 'message' in json && typeof json.message === 'string';
}

function systemCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
