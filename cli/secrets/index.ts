/** What the command line needs to know about secrets: whose they are, and where a value is read from. */
export { readValue, type ValueOptions } from './read-value.ts';
export { scopeOf, type ScopeOptions } from './scope.ts';
