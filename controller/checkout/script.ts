import { CREDENTIALS } from './credentials-script.ts';
import { FETCH } from './fetch-script.ts';
import { PARTS } from './parts-script.ts';

/**
 * The whole checkout, for any POSIX shell. It gets everything from variables named CHECKOUT_…; those with credentials are gone before git
 * runs for the first time.
 */
export const SCRIPT = [CREDENTIALS, FETCH, PARTS].join('\n');
