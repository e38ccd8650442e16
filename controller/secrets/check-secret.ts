import { FootmanError } from '#shared/errors';
import { formatBytes } from '#shared/quantity';
import { checkScope } from './scope.ts';

/** A secret as somebody sets it. */
export interface NewSecret {
  scope: string;
  name: string;
  value: string;
  /** Whether it stays on a node that is held for debugging. */
  debug: 'allow' | 'deny';
}

/** A name of an environment variable in POSIX. */
const NAME = /^[A-Za-z_][A-Za-z0-9_]{0,99}$/;
const RESERVED_PREFIX = 'FOOTMAN_';

/** Shorter ones would be found, and masked, all over a log; they would be guessed, too. */
const MIN_CHARACTERS = 4;
const MAX_BYTES = 64 * 1024;

/** @throws FootmanError `request-invalid`; its sentence never has the value in it */
export function checkSecret({ scope, name, value }: NewSecret): void {
  checkScope(scope);
  const problem = problemOfName(name) ?? problemOfValue(value);
  if (problem !== undefined) throw new FootmanError('request-invalid', problem);
}

function problemOfName(name: string): string | undefined {
  if (!NAME.test(name)) {
    return "a secret's name has up to 100 letters, digits and _, and does not begin with a digit, as that of an environment variable";
  }
  if (name.startsWith(RESERVED_PREFIX)) return `names that begin with ${RESERVED_PREFIX} are Footman's own`;
  return undefined;
}

function problemOfValue(value: string): string | undefined {
  if (!value.isWellFormed()) return "the secret's value is no valid Unicode";
  if (value.includes('\0')) {
    return "the secret's value has a NUL byte in it, which no environment variable can hold; encode it in base64";
  }
  // Blanks around it are not what is looked for in logs.
  if (Array.from(value.trim()).length < MIN_CHARACTERS) {
    return `the secret's value has fewer than ${MIN_CHARACTERS} characters: it could not be masked in logs without masking much else`;
  }
  if (Buffer.byteLength(value) > MAX_BYTES) {
    return `the secret's value is larger than ${formatBytes(MAX_BYTES)}`;
  }
  return undefined;
}
