/**
 * The path that stands for an artifact's archive in `artifact.put` and `artifact.parts`. In a file of its own: the agent needs it, and none of
 * the schemas, which are half as big as all of the agent.
 */
export const ARCHIVE_PATH = 'archive';
