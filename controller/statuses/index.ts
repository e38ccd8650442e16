/** What providers (GitHub, GitLab, Gitea) show beside a commit. */
export { createStatuses, type Statuses } from './statuses.ts';
export { reportBroken, type BrokenFile } from './report-broken.ts';
