import { logKey, type LogId } from '#controller/logs';

/** What all logs of a build start with in the object storage. */
export function logPrefixOf(build: string): string {
  return `logs/${build}/`;
}

/** Where a step's log lies in the object storage, and its index. @throws FootmanError `request-invalid` for what is no id. */
export function logKeysOf(id: LogId): { log: string; index: string } {
  const key = `logs/${logKey(id)}`;
  return { log: `${key}.log.zst`, index: `${key}.idx` };
}
