/** How far a transfer is, told now and then. */
export { createMeter, type Flight, type Meter } from './meter.ts';
