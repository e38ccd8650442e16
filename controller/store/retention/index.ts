/** Which builds and artifacts may go, and those that are going. */
export * from './retention.ts';
export * from './build-uses.ts';
export * from './expiry.ts';
