/** One catalogue of errors: a code, a sentence that helps, a cause, and who must act. */
export { CATALOGUE, type Actor, type ErrorCode } from './catalogue.ts';
export { adviceOf, FootmanError, messageOf, toFootmanError } from './footman-error.ts';
