/** Version that both ends name in their first message; a controller refuses any other. */
export const PROTOCOL_VERSION = 1;

/** Longest control message, in bytes of UTF-8. A longer one ends the connection. */
export const MAX_CONTROL_BYTES = 1024 * 1024;

/** Most bytes of output that one log frame carries. */
export const MAX_LOG_FRAME_BYTES = 256 * 1024;

/** Bytes of one stream that an agent may send beyond the last `log.ack`; more of them only wait in the controller's memory. */
export const LOG_WINDOW_BYTES = 1024 * 1024;

/** Files that one `artifact.files` message names; the next message names the next ones. */
export const MAX_FILES_PER_MESSAGE = 500;

/** Parts of one object that one message asks for, and files that one `fetch.files` names: each comes with a long URL. */
export const MAX_PARTS_PER_MESSAGE = 64;
export const MAX_FETCHED_FILES_PER_MESSAGE = 128;

/** Longest path of an artifact's file, in characters. */
export const MAX_PATH_LENGTH = 1024;

/** Most outputs of one step, and the longest value of one, in characters. */
export const MAX_OUTPUTS = 100;
export const MAX_OUTPUT_LENGTH = 64 * 1024;

/** How often an idle end pings, and after how much silence it takes the other for dead, in milliseconds. */
export const PING_INTERVAL_MS = 15_000;
export const SILENCE_LIMIT_MS = 45_000;

/** Words of a step's own command line, and globs of one digest over files. */
export const MAX_COMMAND_WORDS = 64;
export const MAX_HASH_GLOBS = 64;

/** Names to resolve, and places to reach, of one check; and characters that are kept of what its script printed. */
export const MAX_CHECK_TARGETS = 16;
export const MAX_CHECK_OUTPUT = 64 * 1024;

/** Most bytes that one frame of a channel carries, and bytes that one side may send on a channel before the other side credits more. */
export const MAX_CHANNEL_FRAME_BYTES = 64 * 1024;
export const CHANNEL_WINDOW_BYTES = 1024 * 1024;

/** Channels of one held node at a time, keys that are put on it, and characters of a command. */
export const MAX_CHANNELS = 64;
export const MAX_HOLD_KEYS = 64;
export const MAX_COMMAND_LENGTH = 256 * 1024;

/** Addresses that a held node tells of itself. */
export const MAX_ADDRESSES = 16;
