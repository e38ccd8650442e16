/** What a simulation is judged by. */
export { createMeter, type Figures, type Meter, type NodeHours } from './meter.ts';
