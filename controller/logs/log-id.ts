import { join } from 'node:path';
import { FootmanError } from '#shared/errors';

/** Names the log of one step. */
export interface LogId {
  build: string;
  job: string;
  step: string;
}

/** Where a log's two files are. */
export interface LogFiles {
  folder: string;
  log: string;
  index: string;
}

const PART = /^[a-z0-9][a-z0-9-]{0,63}$/;

/** @throws FootmanError `request-invalid` for a part that could lead out of the folder. */
export function logKey({ build, job, step }: LogId): string {
  for (const part of [build, job, step]) {
    if (!isPart(part)) throw new FootmanError('request-invalid', `"${part}" can't be part of a log's name`);
  }
  return `${build}/${job}/${step}`;
}

/** Whether it may be one of a log's three names. */
export function isPart(name: string): boolean {
  return PART.test(name);
}

export function logFiles(root: string, id: LogId): LogFiles {
  const path = join(root, logKey(id));
  return { folder: join(path, '..'), log: `${path}.log`, index: `${path}.idx` };
}
