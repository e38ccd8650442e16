import type { JobOutline, Verification } from '#controller/store';

/**
 * What a job really needs, as ids of jobs: those that its pipeline names, and those that verify the images that these have made. Whoever builds
 * on an image finds it promoted, or learns that it is not good.
 */
export function needsWithVerifications(
  needs: readonly string[],
  jobs: readonly JobOutline[],
  verifications: readonly Verification[],
): string[] {
  return [...needs, ...ofNeeds(needs, jobs, verifications).map(({ verifier }) => verifier)];
}

/** Whether it is still to be written down what became of an image that a needed job has made. */
export function hasUnverified(
  needs: readonly string[],
  jobs: readonly JobOutline[],
  verifications: readonly Verification[],
): boolean {
  return ofNeeds(needs, jobs, verifications).some(({ state }) => state === 'verifying');
}

function ofNeeds(
  needs: readonly string[],
  jobs: readonly JobOutline[],
  verifications: readonly Verification[],
): Verification[] {
  if (verifications.length === 0) return [];
  const makers = new Set(jobs.filter(({ base }) => needs.includes(base)).map(({ id }) => id));
  return verifications.filter(({ maker }) => makers.has(maker));
}
