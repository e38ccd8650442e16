/** The agent's way to its controller. */
export { createLink, type Link, type LinkEnd, type LinkHandler } from './link.ts';
export type { Order } from './connection.ts';
