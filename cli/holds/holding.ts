import { readKeys } from './read-keys.ts';

/** How a command line says that a node is wanted to be held. */
export interface HoldingOptions {
  for?: string;
  reason?: string;
  key?: string[];
}

/** The same in the API's words. @throws FootmanError as `readKeys` */
export async function holdingOf({ for: time, reason, key }: HoldingOptions) {
  return {
    ...(time === undefined ? {} : { for: time }),
    ...(reason === undefined ? {} : { reason }),
    keys: await readKeys(key),
  };
}
