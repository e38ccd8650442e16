/** The HTTP API: REST and server-sent events under `/api/v1`, described by OpenAPI; health, readiness and metrics beside it. */
export { createApi } from './api.ts';
export { ensureAdminToken } from './auth/admin-token.ts';
export { createTokens, type Caller, type Role, type Tokens } from './auth/token.ts';
export type { Configuration, ConfigurationCheck, ConfigurationOutlook } from './configuration/schema.ts';
export type { ApiDeps, CloudProblem } from './deps.ts';
export type { ArtifactFile, ArtifactFiles, Artifact, Link, NewLink } from './artifacts/schema.ts';
export type { AuditEntry, AuditLog } from './audit/schema.ts';
export type { NewToken, SignedToken } from './auth/schema.ts';
export type { Autohold, AutoholdList, NewAutohold } from './autoholds/schema.ts';
export { checkLabels } from './builds/labels.ts';
export type { Build, BuildList, BuildSummary, DeletedBuild, NewBuild } from './builds/schema.ts';
export type { Cloud, CloudList } from './clouds/schema.ts';
export type { DoctorReport } from './doctor/schema.ts';
export type { Event } from './events/schema.ts';
export type { FsckLine } from './fsck/schema.ts';
export type {
  Hold,
  HoldKey,
  HoldKeyList,
  HoldList,
  HoldSession,
  HoldSessionList,
  NewHold,
  NewHoldKey,
  Resumption,
} from './holds/schema.ts';
export type { BastionAddress } from './holds/ways-in.ts';
export type { ErrorAnswer } from './http/error-answer.ts';
export type { Problem } from './http/problem.ts';
export type {
  ImageExport,
  ImageRemovals,
  ImageStream,
  ImageStreamList,
  ImageVersion,
  ImageVersionList,
  ImportQuery,
  VersionSummary,
} from './images/schema.ts';
export type { Job, Step } from './jobs/schema.ts';
export type { JobList, JobSummary } from './jobs/list-schema.ts';
export type { Waiting } from './jobs/waiting/schema.ts';
export type { Node, NodeChecks, NodeList } from './nodes/schema.ts';
export type { Cordon, CordonList, Drain, Uncordoned } from './operations/schema.ts';
export type { RetentionPlan } from './retention/schema.ts';
export type { ScheduleList } from './schedules/schema.ts';
export type { CommitStatusList } from './statuses/schema.ts';
export type { NewSecret, Secret, SecretList, SecretRotation } from './secrets/schema.ts';
export type {
  DeliveryList,
  NewProject,
  NewProjectBuild,
  Project,
  ProjectChange,
  ProjectList,
} from './projects/schema.ts';
export { createTerminals, TERMINALS_PATH, type Terminals } from './terminals/terminals.ts';
export type { UserKey, UserKeyList } from './profiles/schema.ts';
export type { Test, TestHistory, TestList, TestRun, TestRunInFull, TestRunList } from './tests/schema.ts';
export type { NewTerminal, TerminalNotice, TerminalTicket } from './terminals/schema.ts';
export type { NewSource } from './sources/schema.ts';
export type { LogMatches } from './steps/schema.ts';
