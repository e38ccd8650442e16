/**
 * The agent protocol, version 1. `GET /agent/v1` upgrades to a WebSocket; text frames are control messages in JSON, binary frames are
 * pieces of logs. The agent dials in and says `hello`; the controller answers `welcome` or `refused`, then streams one step at a time.
 */
export * from './limits.ts';
export { Facts } from './facts.ts';
export { PresignedRequest } from './fields.ts';
export {
  AgentMessage,
  ArtifactFile,
  type CheckFinished,
  CheckResult,
  StepEnd,
  type AgentMessageOf,
} from './agent-message.ts';
export {
  type CheckStart,
  ControllerMessage,
  StepInput,
  StepStart,
  type ControllerMessageOf,
} from './controller-message.ts';
export { SCRIPT_CHECK, checkName, checkNames } from './check-name.ts';
export { Bootstrap } from './bootstrap.ts';
export { decodeAgentMessage, decodeControllerMessage } from './decode.ts';
export { LOG_HEADER_BYTES, decodeLogFrame, encodeLogHeader, type LogFrame } from './log-frame.ts';
