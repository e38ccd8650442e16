import type { Hold } from '#controller/api';

/** The job under which the node served, as people name it: `12/test`. */
export function jobName({ build, job }: Pick<Hold, 'build' | 'job'>): string {
  return `${build.number}/${job.key}`;
}
