import { FootmanError } from '#shared/errors';

/** Storages take names of 1024 bytes, which also have a prefix, and Swift's uploads a name of their own. */
const MAX_KEY_LENGTH = 900;
const MAX_PART_LENGTH = 200;
const PART = /^[A-Za-z0-9._-]+$/;

/** @throws FootmanError `request-invalid` for a key that not every store could hold, or that could lead out of a folder. */
export function checkKey(key: string): void {
  if (!isKey(key)) throw new FootmanError('request-invalid', `${quote(key)} is not a key of an object`);
}

/** A prefix is empty, or a key that may have been cut anywhere. @throws FootmanError `request-invalid` */
export function checkPrefix(prefix: string): void {
  const { folder, start } = splitPrefix(prefix);
  const fits = (folder === '' || isKey(folder)) && (start === '' || isPartLike(start));
  if (!fits || prefix.startsWith('/')) {
    throw new FootmanError('request-invalid', `${quote(prefix)} is not a prefix of an object's key`);
  }
}

/** The whole parts of a prefix, and the start of the next one. */
export function splitPrefix(prefix: string): { folder: string; start: string } {
  const slash = prefix.lastIndexOf('/');
  return { folder: prefix.slice(0, Math.max(slash, 0)), start: prefix.slice(slash + 1) };
}

/** Whether that is the key of an object. */
export function isKey(key: string): boolean {
  return (
    key.length <= MAX_KEY_LENGTH &&
    key.split('/').every((part) => isPartLike(part) && part !== '.' && part !== '..')
  );
}

function isPartLike(part: string): boolean {
  return part.length <= MAX_PART_LENGTH && PART.test(part);
}

function quote(key: string): string {
  return JSON.stringify(key.length > 80 ? `${key.slice(0, 80)}…` : key);
}
