/** The controller's secret and the keys derived from it. */
export { loadKeys, type Keys, type Purpose } from './keys.ts';
