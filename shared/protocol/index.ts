/**
 * The agent protocol, version 1. `GET /agent/v1` upgrades to a WebSocket; text frames are control messages in JSON, binary frames are
 * pieces of logs, or of what people do on a held node. The agent dials in and says `hello`; the controller answers `welcome` or `refused`, then streams one step at a time.
 */
export * from './limits.ts';
export { ARCHIVE_PATH } from './archive-path.ts';
export { leadsInside } from './inner-link.ts';
export { Facts } from './facts.ts';
export { PresignedRequest, RelativePath } from './fields.ts';
export {
  ArtifactFile,
  type ArtifactCollect,
  type ArtifactFinished,
  type ArtifactPartPuts,
  type ArtifactProgress,
  type ArtifactPut,
  type FetchBegin,
  type FetchFiles,
  type FetchFinished,
  type FetchProgress,
} from './artifacts.ts';
export {
  AgentMessage,
  type CheckFinished,
  CheckResult,
  type HoldBegun,
  StepEnd,
  type AgentMessageOf,
} from './agent-message.ts';
export {
  type ChannelUse,
  type CheckStart,
  ControllerMessage,
  type HoldBegin,
  type HoldKeys,
  type Pty,
  StepInput,
  StepStart,
  type ControllerMessageOf,
} from './controller-message.ts';
export { SCRIPT_CHECK, checkName, checkNames } from './check-name.ts';
export { Bootstrap } from './bootstrap.ts';
export { decodeAgentMessage, decodeControllerMessage } from './decode.ts';
export {
  CHANNEL_HEADER_BYTES,
  KIND_CHANNEL,
  decodeChannelFrame,
  encodeChannelHeader,
  type ChannelFrame,
} from './channel-frame.ts';
export { LOG_HEADER_BYTES, decodeLogFrame, encodeLogHeader, type LogFrame } from './log-frame.ts';
