/**
 * Jenkins sets no limits; these keep hostile input cheap. What `format` writes for an expression within them is
 * within them too.
 */

/** Length of an expression, or of a template's label list, in UTF-16 code units. */
export const MAX_SOURCE_LENGTH = 65_536;

/** Length of one label without quotes and escapes, in UTF-16 code units. */
export const MAX_LABEL_LENGTH = 128;

/** Labels in one expression or list, repeats included. */
export const MAX_LABELS = 128;

/** Parentheses inside parentheses. */
export const MAX_NESTING = 32;
