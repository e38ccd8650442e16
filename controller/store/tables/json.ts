/**
 * A value that the database keeps as JSON text: an object or an array, never a bare string or number. `../json.ts` lists the columns and
 * encodes and decodes them. Text and not `jsonb`: that would reorder keys (`env`, `jobs`) and refuse NUL characters in a step's outputs.
 */
export type Json<T extends object> = T;
