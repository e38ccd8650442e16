import type { Insertable, Selectable } from 'kysely';
import type { ArtifactFileTable, ArtifactTable, UploadTable } from './tables/artifacts.ts';
import type { BuildTable, ConcurrencyGroupTable, JobTable, StepTable } from './tables/builds.ts';
import type {
  AuditTable,
  AutoholdTable,
  HoldKeyTable,
  HoldNoticeTable,
  HoldSessionTable,
  HoldTable,
  UserKeyTable,
} from './tables/holds.ts';
import type { JobTermTable } from './tables/job-terms.ts';
import type { ImageStreamTable, ImageVersionTable } from './tables/images.ts';
import type { CounterTable, EventTable, LoopLeaseTable, MetaTable } from './tables/general.ts';
import type {
  CordonTable,
  HostTable,
  LeakTable,
  LeaseNodeTable,
  LeaseTable,
  NodeReportTable,
  NodeRequestTable,
  NodeTable,
  TemplateLabelTable,
} from './tables/nodes.ts';
import type {
  CacheTable,
  CommitStatusTable,
  DeliveryTable,
  ProjectTable,
  ScheduleTable,
  SecretTable,
} from './tables/projects.ts';
import type {
  TestBranchTable,
  TestOutputTable,
  TestReportTable,
  TestResultTable,
  TestTable,
} from './tables/tests.ts';

/**
 * The tables. Times are milliseconds since the epoch; `Json<T>` is text in the database and a value here.
 *
 * A build is one execution of a pipeline; its jobs wait for each other by `needs`. A job asks for nodes by a node request and gets a
 * lease, which names the nodes that are its own from then on. A node row has one lease ever (I1): `lease_nodes.node_id` is unique. A node
 * may become a version of an image stream, from which others are made; or it is held, for people to look at, when its job has ended.
 */
export interface Database {
  meta: MetaTable;
  counters: CounterTable;
  builds: BuildTable;
  jobs: JobTable;
  steps: StepTable;
  job_terms: JobTermTable;
  leases: LeaseTable;
  lease_nodes: LeaseNodeTable;
  node_requests: NodeRequestTable;
  nodes: NodeTable;
  node_reports: NodeReportTable;
  cordons: CordonTable;
  hosts: HostTable;
  template_labels: TemplateLabelTable;
  leaks: LeakTable;
  artifacts: ArtifactTable;
  artifact_files: ArtifactFileTable;
  uploads: UploadTable;
  test_reports: TestReportTable;
  tests: TestTable;
  test_results: TestResultTable;
  test_outputs: TestOutputTable;
  test_branches: TestBranchTable;
  events: EventTable;
  loop_leases: LoopLeaseTable;
  concurrency_groups: ConcurrencyGroupTable;
  projects: ProjectTable;
  secrets: SecretTable;
  deliveries: DeliveryTable;
  schedules: ScheduleTable;
  commit_statuses: CommitStatusTable;
  caches: CacheTable;
  image_streams: ImageStreamTable;
  image_versions: ImageVersionTable;
  holds: HoldTable;
  hold_keys: HoldKeyTable;
  user_keys: UserKeyTable;
  autoholds: AutoholdTable;
  hold_sessions: HoldSessionTable;
  hold_notices: HoldNoticeTable;
  audit: AuditTable;
}

export type Build = Selectable<BuildTable>;
export type Job = Selectable<JobTable>;
export type Step = Selectable<StepTable>;
export type Lease = Selectable<LeaseTable>;
export type NodeRequest = Selectable<NodeRequestTable>;
export type Node = Selectable<NodeTable>;
export type NodeReport = Selectable<NodeReportTable>;
export type Cordon = Selectable<CordonTable>;
export type Host = Selectable<HostTable>;
export type TemplateLabels = Selectable<TemplateLabelTable>;
export type Leak = Selectable<LeakTable>;
export type Artifact = Selectable<ArtifactTable>;
export type StoredFile = Selectable<ArtifactFileTable>;
export type UploadRow = Selectable<UploadTable>;
export type TestReport = Selectable<TestReportTable>;
export type Test = Selectable<TestTable>;
export type TestRun = Selectable<TestResultTable>;
export type TestOutput = Selectable<TestOutputTable>;
export type TestBranch = Selectable<TestBranchTable>;
export type Event = Selectable<EventTable>;
export type Project = Selectable<ProjectTable>;
export type Secret = Selectable<SecretTable>;
export type Delivery = Selectable<DeliveryTable>;
export type ScheduleRow = Selectable<ScheduleTable>;
export type CommitStatus = Selectable<CommitStatusTable>;
export type ImageStream = Selectable<ImageStreamTable>;
export type ImageVersion = Selectable<ImageVersionTable>;
export type Hold = Selectable<HoldTable>;
export type HoldKey = Selectable<HoldKeyTable>;
export type UserKey = Selectable<UserKeyTable>;
export type Autohold = Selectable<AutoholdTable>;
export type HoldSession = Selectable<HoldSessionTable>;
export type HoldNotice = Selectable<HoldNoticeTable>;
export type AuditEntry = Selectable<AuditTable>;
export type NewCommitStatus = Insertable<CommitStatusTable>;
export type NewSchedule = Insertable<ScheduleTable>;
export type CacheEntry = Selectable<CacheTable>;
export type NewBuild = Insertable<BuildTable>;
export type NewJob = Insertable<JobTable>;
export type NewStep = Insertable<StepTable>;
export type NewLease = Insertable<LeaseTable>;
export type NewLeaseNode = Omit<Insertable<LeaseNodeTable>, 'lease_id'>;
export type NewNode = Insertable<NodeTable>;
export type NewNodeRequest = Insertable<NodeRequestTable>;
export type NewStoredFile = Insertable<ArtifactFileTable>;
export type NewArtifact = Insertable<ArtifactTable>;
export type NewEvent = Insertable<EventTable>;
export type NewProject = Insertable<ProjectTable>;
export type NewDelivery = Insertable<DeliveryTable>;
export type NewSecret = Insertable<SecretTable>;

export type { ArtifactRole, ArtifactState } from './tables/artifacts.ts';
export type {
  BuildSource,
  BuildState,
  JobPurpose,
  JobState,
  Preparation,
  PreparedStream,
  PullRequest,
  ResolvedJob,
  Result,
  StepPhase,
  StepState,
  Trigger,
  Trust,
} from './tables/builds.ts';
export type { EventKind } from './tables/general.ts';
export type { HoldOrigin, HoldState, HoldWish, KeyPlace, SessionKind } from './tables/holds.ts';
export type { CaptureEnding, StreamKind, VersionState } from './tables/images.ts';
export type { Json } from './tables/json.ts';
export type {
  Decline,
  DeclineCode,
  HostState,
  LeaseState,
  NodeFailure,
  NodeReportKind,
  NodeState,
  RequestState,
  WantedImages,
} from './tables/nodes.ts';
export type { CommitState, DeliveryState, Provider, SecretScope } from './tables/projects.ts';
export type { TestResult } from './tables/tests.ts';
