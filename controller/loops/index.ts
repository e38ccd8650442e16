/** Control loops: woken by events, driven by the store. */
export { startLoop, type Loop } from './loop.ts';
