/** What a pipeline may hold: far more than people write, and little enough for one message to an agent. */

export const MAX_JOBS = 256;
/** Of one job. */
export const MAX_STEPS = 256;
/** Of one job. */
export const MAX_ARTIFACTS = 64;
/** Globs of one artifact; its exclusions are counted apart. */
export const MAX_GLOBS = 256;
/** Variables at one level: pipeline, job or step. */
export const MAX_VARIABLES = 256;

/** Lengths are in UTF-16 code units. */
export const MAX_NAME_LENGTH = 200;
export const MAX_ID_LENGTH = 100;
export const MAX_SCRIPT_LENGTH = 128 * 1024;
export const MAX_VALUE_LENGTH = 16 * 1024;
/** Also the protocol's limit for a path. */
export const MAX_PATH_LENGTH = 1024;
