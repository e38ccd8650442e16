/** Time that passes as fast as it is computed. */
export { createVirtualClock, type VirtualClock } from './virtual-clock.ts';
