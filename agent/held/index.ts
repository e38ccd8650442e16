/** A node that is held for people: channels to it, keys on it, and the world of its job. */
export { createHeld, type Held, type HeldOrder } from './held.ts';
