/** What a delivery comes down to, once the repository was looked at. */
export { noFindings, type Findings } from './findings.ts';
export { lookAtPullRequest } from './look-at-pull-request.ts';
export { lookAtPush } from './look-at-push.ts';
export { lookAtTrunk } from './look-at-trunk.ts';
export { sortOut, type Candidate } from './candidates.ts';
export { isThePipelines, prepare, type PrepareDeps } from './prepare.ts';
