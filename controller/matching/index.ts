/** Which labels satisfy which expression. */
export { createLabelMatcher, type LabelMatcher } from './matcher.ts';
