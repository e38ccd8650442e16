/** Clouds: where nodes come from. One contract, one folder per kind, and the registry of kinds. */
export type {
  Capabilities,
  Cloud,
  CloudContext,
  CloudKind,
  CloudResource,
  Endpoints,
  Launch,
  Launched,
  NodeReference,
  RuntimeFolder,
} from './contract.ts';
export { cloudKind, cloudKinds } from './registry.ts';
