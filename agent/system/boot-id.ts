import { readText } from './read-text.ts';

/**
 * Tells the node's boot where that of the kernel says nothing about it: a cloud whose nodes end and come back on a machine that goes on
 * sets it. Steps don't see it.
 */
export const BOOT_VARIABLE = 'FOOTMAN_BOOT_ID';

/** Another one is another boot of the node's machine; null where `/proc` is hidden. */
export function readBootId(own: NodeJS.ProcessEnv): string | null {
  return own[BOOT_VARIABLE] || readText('/', 'proc/sys/kernel/random/boot_id').trim() || null;
}
