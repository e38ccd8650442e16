/** Secrets are not seen in what is shown: plain, encoded, or split over pieces. */
export { createTextMask } from './mask-text.ts';
export { createRedactor, type Redactor } from './redactor.ts';
