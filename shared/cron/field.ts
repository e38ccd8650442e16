/** One of the five places of an expression. */
export interface Field {
  readonly noun: 'minute' | 'hour' | 'day of the month' | 'month' | 'day of the week';
  readonly from: number;
  readonly to: number;
  /** How many there are before they come round. */
  readonly size: number;
  /** Where a bare `H` may fall, if not anywhere: Jenkins leaves out the days that some months don't have. */
  readonly hashTo: number;
  readonly names: readonly string[];
}

const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const DAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

/** In the order in which they are written. 0 and 7 are both Sunday. */
export const FIELDS = [
  { noun: 'minute', from: 0, to: 59, size: 60, hashTo: 59, names: [] },
  { noun: 'hour', from: 0, to: 23, size: 24, hashTo: 23, names: [] },
  { noun: 'day of the month', from: 1, to: 31, size: 31, hashTo: 28, names: [] },
  { noun: 'month', from: 1, to: 12, size: 12, hashTo: 12, names: MONTHS },
  { noun: 'day of the week', from: 0, to: 7, size: 7, hashTo: 6, names: DAYS },
] as const satisfies readonly Field[];
