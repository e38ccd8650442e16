/** How things in a pipeline may be called. */

/** Jobs, steps, axes, parameters, outputs and templates. */
export const ID = /^[A-Za-z_][A-Za-z0-9_-]*$/;
/** POSIX, "Environment Variable Definition", and lower case, which it reserves for applications. */
export const ENV_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
export const ARTIFACT_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;
/** Streams of images that people name. */
export const STREAM_NAME = /^[a-z0-9][a-z0-9._-]{0,63}$/;

/** Variables that only Footman sets. */
export const RESERVED_ENV_PREFIX = 'FOOTMAN_';

/** Of parameters that nobody wrote: what the user of a template says about the job beside it. No name of a user's has a dot. */
export const CARRIED_PREFIX = 'caller.';
