/** Whether a node is fit for a job. */
export { evaluate, type Answer, type CheckOutcome, type Verdict } from './evaluate.ts';
export { orderCheck } from './order-check.ts';
export { CheckReport, reportOf } from './report.ts';
export { createRechecker, type Rechecker } from './rechecker.ts';
