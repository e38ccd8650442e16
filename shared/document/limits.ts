/** What a document may hold. Beyond that it is a mistake or an attack, and is refused before it costs anything. */

/** UTF-8 bytes of the source. */
export const MAX_SOURCE_BYTES = 1024 * 1024;

/** Lexical tokens of the source: bounds the time to parse it. A pipeline of 10,000 lines has about 60,000. */
export const MAX_TOKENS = 200_000;

/** Mappings and lists inside one another. */
export const MAX_DEPTH = 64;

/** Mappings, lists and values once every alias is replaced by what it names: stops a "billion laughs". */
export const MAX_NODES = 100_000;

/** Problems shown for one document. */
export const MAX_PROBLEMS = 100;
