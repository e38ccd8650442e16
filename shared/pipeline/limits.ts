/** What a pipeline may hold: far more than people write, and little enough for one message to an agent. */

export const MAX_JOBS = 256;
/** Of one job, those of its templates included; its post steps are counted apart. */
export const MAX_STEPS = 256;
/** Of one job: what is done once for many jobs; with layers, each of them is an image. */
export const MAX_PREPARE_STEPS = 64;
/** Of one snapshot. */
export const MAX_VERIFY_STEPS = 20;
/** Of one hold. */
export const MAX_HOLD_KEYS = 32;
/** Versions of an image that stay. */
export const MAX_KEPT_VERSIONS = 100;
/** That one promotion waits for. */
export const MAX_CLOUDS = 64;
/** Of one job. */
export const MAX_ARTIFACTS = 64;
/** Globs of one artifact; its exclusions are counted apart. Also of each filter of a trigger. */
export const MAX_GLOBS = 256;
/** Variables at one level: pipeline, job or step. Also outputs of one job. */
export const MAX_VARIABLES = 256;
/** Cells of one job's matrix. Its axes may make no more than that before `exclude` takes any away. */
export const MAX_CELLS = 256;
export const MAX_AXES = 32;
/** Of a pipeline, or of one template. */
export const MAX_PARAMETERS = 64;
export const MAX_SCHEDULES = 64;
/** Of a parameter of type choice. */
export const MAX_OPTIONS = 256;
export const MAX_RESTORE_KEYS = 16;
/** Of one cache step. */
export const MAX_CACHE_PATHS = 64;
/** Templates inside one another. */
export const MAX_USES_DEPTH = 8;
/** Files of templates that one pipeline reads. */
export const MAX_INCLUDES = 16;
/** Of all these files together. In UTF-16 code units. */
export const MAX_INCLUDED_LENGTH = 256 * 1024;
/** Of one file. */
export const MAX_TEMPLATES = 64;
export const MAX_RETRIES = 10;
/** Of a concurrency group. */
export const MAX_CONCURRENCY = 10_000;
/** 0 is the lowest. */
export const MAX_PRIORITY = 100;
/** As JSON, once templates and aliases stand for what they name. In UTF-16 code units. */
export const MAX_EXPANDED_LENGTH = 8 * 1024 * 1024;

/** Lengths are in UTF-16 code units. */
export const MAX_NAME_LENGTH = 200;
export const MAX_ID_LENGTH = 100;
export const MAX_SCRIPT_LENGTH = 128 * 1024;
export const MAX_VALUE_LENGTH = 16 * 1024;
export const MAX_CONDITION_LENGTH = 16 * 1024;
export const MAX_SHELL_LENGTH = 1024;
/** Of one output of a job, once it is evaluated; also the protocol's limit for a step's. */
export const MAX_OUTPUT_LENGTH = 64 * 1024;
/** Of all outputs of a job together: whoever needs a matrix is given those of all its cells. */
export const MAX_OUTPUTS_LENGTH = 256 * 1024;
/** Of one variable, once it is evaluated: Linux starts no program with 128 KiB, name and end included (MAX_ARG_STRLEN). In bytes of UTF-8. */
export const MAX_VARIABLE_BYTES = 120 * 1024;
/** Of all variables of one level together, so that a step fits into one message. In bytes of UTF-8. */
export const MAX_ENV_BYTES = 256 * 1024;
/** Also the object storage's limit for a name; of what is prepared, too. */
export const MAX_CACHE_KEY_LENGTH = 512;
/** Also the protocol's limit for a path. */
export const MAX_PATH_LENGTH = 1024;
