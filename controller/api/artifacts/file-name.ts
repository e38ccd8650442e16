import { basename } from 'node:path/posix';

/**
 * What a browser is to call a file that it saves: the last part of its path, without what could break the header or show another ending than
 * the name has, such as marks that turn the direction of writing.
 */
export function fileNameOf(path: string): string {
  return basename(path).replaceAll(/[\p{C}\p{Zl}\p{Zp}\\]/gu, '_');
}
