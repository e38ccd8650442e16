/** How far a log goes. `bytes` and `lines` of a log that nobody wrote yet are 0. */
export interface LogSize {
  bytes: number;
  lines: number;
  /** Nothing will be added. */
  complete: boolean;
}
