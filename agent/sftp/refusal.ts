import { getSystemErrorMessage } from 'node:util';
import { STATUS, type Status } from './codes.ts';

/** Why a request is not done. The client hears it, and the session goes on. */
export class Refusal extends Error {
  readonly status: Status;

  constructor(status: Status, message: string) {
    super(message);
    this.name = 'Refusal';
    this.status = status;
  }
}

/** As OpenSSH's server tells them. */
const STATUS_OF_CODE: Readonly<Record<string, Status>> = {
  ENOENT: STATUS.noSuchFile,
  ENOTDIR: STATUS.noSuchFile,
  EBADF: STATUS.noSuchFile,
  ELOOP: STATUS.noSuchFile,
  EPERM: STATUS.permissionDenied,
  EACCES: STATUS.permissionDenied,
  ENAMETOOLONG: STATUS.badMessage,
  EINVAL: STATUS.badMessage,
  // A name with a zero byte.
  ERR_INVALID_ARG_VALUE: STATUS.badMessage,
  ENOSYS: STATUS.unsupported,
  EOPNOTSUPP: STATUS.unsupported,
};

export function refusalOf(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  const { code = '', errno, message } = error as NodeJS.ErrnoException;
  // Node's own message has the path in it, and not as the bytes that it is.
  return new Refusal(
    STATUS_OF_CODE[code] ?? STATUS.failure,
    errno === undefined ? message : getSystemErrorMessage(errno),
  );
}

export function hasCode(error: unknown, ...codes: string[]): boolean {
  return codes.includes((error as NodeJS.ErrnoException).code ?? '');
}
