/** Pages of the documentation that tell every key of a document, written from its schema. */
export { cellText } from './cell-text.ts';
export { asSchema, defaultOf, mayHoldText, objectsIn, typeOf, type JsonSchema } from './schema-words.ts';
