/** The controller's API, as the command line speaks it. */
export { AnswerError } from './answer-error.ts';
export type { ArtifactsClient } from './artifacts.ts';
export {
  createClient,
  type Client,
  type LogMatch,
  type LogRequest,
  type LogSearch,
  type Rerun,
} from './client.ts';
export type { JobsQuery } from './jobs.ts';
export type { Terminal, TerminalEnd } from './terminal.ts';
export type { RunsQuery, TestsQuery } from './tests.ts';
export type { Target } from './transport.ts';
