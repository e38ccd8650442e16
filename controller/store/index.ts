/** All state, and every statement on it. */
export { openStore, type Store, type StoreSettings } from './store.ts';
export type { Db, DialectName } from './db.ts';
export type * from './schema.ts';
export { NODE_STATES } from './tables/nodes.ts';
export { isUniqueViolation } from './database-error.ts';
export { newId } from './ids.ts';
export { swapState, type Patch } from './swap-state.ts';
export {
  findBuild,
  markCancelled,
  findBuildByNumber,
  insertBuild,
  listBuilds,
  lockBuild,
  lockBuildOfJob,
  patchBuild,
  previousResult,
  projectNameOf,
  timedBuilds,
  unfinishedBuilds,
  type BuildFilter,
  type TimedBuild,
} from './builds.ts';
export {
  arrivalsSince,
  attemptsOfJob,
  delayedJobs,
  preparingJobs,
  findJob,
  findJobByKey,
  insertJobs,
  jobsInStates,
  jobsOfBuild,
  neededJobs,
  outlinesOfBuild,
  patchJob,
  queuedJobs,
  queuedLabels,
  sizeOfBuild,
  supersedeJob,
  waitingJobGroups,
  type Arrival,
  type JobOutline,
  type NeededJob,
  type QueuedJobRow,
  type QueuedLabels,
} from './jobs.ts';
export {
  buildsInGroup,
  jobsInGroup,
  lockGroup,
  waitingGroups,
  type GroupedBuild,
  type GroupedJob,
} from './concurrency.ts';
export { allTemplateLabels, putTemplateLabels } from './template-labels.ts';
export {
  archivedBytes,
  firstUnarchived,
  setArchivedBytes,
  unarchivedLogs,
  type UnarchivedLog,
} from './archived-logs.ts';
export { findStep, insertSteps, stepsOfJob, updateStep } from './steps.ts';
export {
  activeLeaseOfJob,
  activeLeases,
  endLease,
  findLease,
  insertLease,
  jobsOfNodes,
  jobsOnNodes,
  leaseOfNode,
  nodesOfLease,
  usageByProject,
  type JobOnNode,
  type LeasedNode,
} from './leases.ts';
export {
  MAX_DECLINES,
  findRequest,
  insertRequest,
  jobsWithRequests,
  openRequestRows,
  recordDecline,
  requestsOfJob,
  type OpenRequestRow,
} from './node-requests.ts';
export type { OwnerColumns } from './owner-columns.ts';
export {
  bumpSessionEpoch,
  disconnectAll,
  disconnectNode,
  countLiveByTemplate,
  findNode,
  insertNode,
  liveNodes,
  newestNodes,
  nodesInStates,
  patchNode,
  readyNodes,
  recentLaunches,
  recentNodes,
  useBootstrap,
  type LaunchedNode,
  type TemplateCount,
} from './nodes.ts';
export { forgetReboot, markRebooted, markRebooting, rebootingNodes } from './reboots.ts';
export {
  latestArtifact,
  listJobs,
  type JobFilter,
  type LatestArtifact,
  type ListedJob,
} from './job-lists.ts';
export { countUnfinished, type StateCount } from './counts.ts';
export {
  countLeaks,
  countQueue,
  newestHoldings,
  newestLives,
  type Holding,
  type LeakCount,
  type NodeLife,
  type QueueCount,
} from './figures.ts';
export { appendEvents, eventsAfter, lastSeq, pruneEvents, type EventPage } from './events.ts';
export { findNodeReport, putNodeReport } from './node-reports.ts';
export { appendAudit, listAudit, type AuditFilter } from './audit.ts';
export { cordonsOf, deleteCordon, putCordon } from './cordons.ts';
export { planNumber, takePlanNumber } from './plan-number.ts';
export { closeLeak, insertLeak, openLeaks, recentLeaks } from './leaks.ts';
export { releaseLoop, takeLoop, type LoopClaim } from './loops.ts';
export { getMeta, putMetaIfAbsent } from './meta.ts';
export {
  changeSecretsKey,
  currentSecretsKey,
  deleteSecret,
  firstSecretsKey,
  holdSecretsKey,
  listSecrets,
  putSecret,
  resealSecret,
  sealingKeys,
  secretsIn,
  secretsOfOtherKeys,
} from './secrets.ts';
export {
  findProject,
  findProjectByName,
  insertProject,
  listProjects,
  lockProject,
  removeProject,
  updateProject,
  type ProjectPatch,
} from './projects.ts';
export {
  deliveriesOfProject,
  insertDelivery,
  nextDelivery,
  nextDeliveryDue,
  patchDelivery,
  projectsWithDueDeliveries,
  reviveDelivery,
  type DeliveryPage,
} from './deliveries.ts';
export {
  deleteSchedule,
  dueSchedules,
  insertSchedule,
  listSchedules,
  moveSchedule,
  nextScheduleAt,
  schedulesOfProject,
} from './schedules.ts';
export {
  buildsToReport,
  claimCommitStatus,
  markTold,
  markUntold,
  nextCommitStatus,
  nextStatusDue,
  projectsWithDueStatuses,
  putCommitStatus,
  statusesOfProject,
} from './commit-statuses.ts';
export {
  cachesWithKey,
  deleteCache,
  findCache,
  insertCache,
  leastUsedCaches,
  newestCache,
  retireCache,
  totalCacheBytes,
  touchCache,
  type CachePlace,
} from './caches.ts';
export {
  deleteHost,
  hostsFree,
  hostsLeft,
  insertHost,
  listHosts,
  swapHost,
  type HostId,
  type KnownHost,
  type LeftHost,
} from './hosts.ts';
export { VERSION_STATES } from './tables/images.ts';
export * from './images/index.ts';
export * from './holds/index.ts';
export * from './artifacts/index.ts';
export * from './tests/index.ts';
export * from './retention/index.ts';
export * from './objects/index.ts';
