/** Time within which a storage must take a connection, in milliseconds. */
export const CONNECT_TIMEOUT_MS = 10_000;
/** How often a small request is made before it has failed. */
export const ATTEMPTS = 4;
/** Connections to a storage at a time. */
export const MAX_CONNECTIONS = 200;
