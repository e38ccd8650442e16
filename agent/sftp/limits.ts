/** Most bytes of a packet, its length left out: what OpenSSH takes, and a little for those who count otherwise. */
export const MAX_PACKET_BYTES = 257 * 1024;

/** Most bytes of one READ or WRITE: a packet of 256 KiB holds them. */
export const MAX_DATA_BYTES = 255 * 1024;

/** Most files and folders that a client has open. */
export const MAX_HANDLES = 256;

/** Most entries of one answer to READDIR; with the longest names that there are, they fit into a packet. */
export const MAX_ENTRIES = 100;

/** With more bytes of answers than this on their way, no request is done. */
export const MAX_WAITING_BYTES = 1024 * 1024;
