/** Waiting that ends with a signal. */
export { abortable } from './abortable.ts';
