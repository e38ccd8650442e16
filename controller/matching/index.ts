/** Which labels satisfy which expression. */
export { createLabelMatcher, type LabelMatcher, type Labels } from './matcher.ts';
