/** Elements within each other; real reports have under ten. */
export const MAX_DEPTH = 64;
/** Attributes of one element; real reports have about ten. */
export const MAX_ATTRIBUTES = 100;
/** After so many mistakes a report is none. */
export const MAX_MISTAKES = 5000;
/** Characters that are kept of a text until it is masked and cut. The longest secret is much shorter. */
export const MAX_TEXT = 1024 * 1024;
/** Characters of a name. */
export const MAX_NAME = 1000;
/** Characters that are kept of the names of suites within each other, until they are masked and cut: each of their tests has them. */
export const MAX_SUITE = 4 * MAX_NAME;
/** Tries of a test within one report that are looked at. */
export const MAX_RERUNS = 100;
