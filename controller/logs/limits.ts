/** Data between two index records, in bytes; one frame may be added to it. Bounds what a look-up scans. */
export const INDEX_INTERVAL_BYTES = 64 * 1024;

/** Time between two index records while output arrives, in milliseconds. */
export const INDEX_INTERVAL_MS = 1000;

/** Bytes that a reader takes from a file at a time; what a slow reader costs. */
export const READ_CHUNK_BYTES = 64 * 1024;

/** Bytes of one log that may wait for the disk: twice what an agent may send without an acknowledgement. */
export const PENDING_BYTES = 8 * 1024 * 1024;

/** Longest log, in bytes. An agent ends its log long before; this stops one that doesn't. */
export const LOG_BYTES = 4 * 1024 ** 3;

/** Bytes that one search looks through. Bounds how long an answer takes: a quarter of a second where the log is on the disk. */
export const SEARCH_BYTES = 64 * 1024 * 1024;
