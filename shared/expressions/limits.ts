/** What evaluation may cost: far more than a pipeline needs, and little enough to go unnoticed. Lengths are in UTF-16 code units. */

/** Of one expression, without its `${{ }}`; the library's own limit. */
export { MAX_EXPRESSION_LENGTH } from '@actions/expressions/errors';
/** `==`, `<` and the like in one expression: the library nests a chain of them as deep as it is long. */
export const MAX_COMPARISONS = 256;
/** Of any text that an expression makes or reads, and of a whole template once it is evaluated. */
export const MAX_TEXT_LENGTH = 1024 * 1024;
/** What the functions of one template may read and write, all together. */
export const MAX_WORK = 16 * 1024 * 1024;
/** Values in one context, or in one text of JSON. */
export const MAX_VALUES = 100_000;
/** Lists and mappings inside each other. */
export const MAX_NESTING = 64;
