import { SOCKET_MOUNT, AGENT_VOLUME, RUNTIME_MOUNT } from './names.ts';
import type { ContainerSpec, Labels } from './engine.ts';
import type { DockerTemplate } from './schema.ts';

interface Node {
  template: DockerTemplate;
  image: string;
  labels: Labels;
  command: string[];
  runtimeVolume: string;
  /** Folder of the controller's socket on the engine's machine; null where the agent dials by the network. */
  socketFolder: string | null;
}

type HostConfig = NonNullable<ContainerSpec['HostConfig']>;
type Mounts = NonNullable<HostConfig['Mounts']>;

/** The body of the request that creates a node's container. Everybody who may inspect the container reads it: no secrets in here. */
export function containerSpec({
  template,
  image,
  labels,
  command,
  ...places
}: Node): ContainerSpec & { Labels: Labels } {
  return {
    Image: image,
    Entrypoint: command,
    Cmd: [],
    WorkingDir: '/',
    Env: Object.entries(template.environment).map(([name, value]) => `${name}=${value}`),
    ...(template.user !== undefined && { User: template.user }),
    Labels: labels,
    // The bootstrap comes by standard input, which then ends.
    AttachStdin: true,
    OpenStdin: true,
    StdinOnce: true,
    Healthcheck: { Test: ['NONE'] },
    HostConfig: {
      ...limits(template),
      ...security(template),
      Mounts: mounts({ template, labels, ...places }),
    },
  };
}

function limits(template: DockerTemplate): HostConfig {
  const { memory, cpus, pids, tmpfs } = template;
  return {
    // The same value for both leaves no swap, so that the limit is what it says.
    ...(memory !== undefined && { Memory: memory, MemorySwap: memory }),
    ...(cpus !== undefined && { NanoCpus: Math.round(cpus * 1e9) }),
    PidsLimit: pids,
    ...(template['shm-size'] !== undefined && { ShmSize: template['shm-size'] }),
    Tmpfs: Object.fromEntries(Object.entries(tmpfs).map(([path, size]) => [path, `size=${size},mode=1777`])),
    // The agent's own few words; what steps print goes another way.
    LogConfig: { Type: 'json-file', Config: { 'max-size': '128k', 'max-file': '2' } },
  };
}

function security(template: DockerTemplate): HostConfig {
  const { capabilities, devices, network, privileged } = template;
  return {
    NetworkMode: network,
    CapDrop: capabilities.drop,
    CapAdd: capabilities.add,
    Privileged: privileged,
    ReadonlyRootfs: template['read-only'],
    SecurityOpt: template['no-new-privileges'] ? ['no-new-privileges'] : [],
    Devices: devices.map((path) => ({ PathOnHost: path, PathInContainer: path, CgroupPermissions: 'rwm' })),
    // A first process that reaps what steps leave behind, and takes signals as any process does.
    Init: true,
  };
}

function mounts({ template, labels, runtimeVolume, socketFolder }: Omit<Node, 'command' | 'image'>): Mounts {
  const ours: Mounts = [
    { Type: 'volume', Source: runtimeVolume, Target: RUNTIME_MOUNT, ReadOnly: true },
    {
      Type: 'volume',
      Source: '',
      Target: AGENT_VOLUME,
      VolumeOptions: { NoCopy: true, Labels: labels, DriverConfig: { Name: '', Options: {} } },
    },
  ];
  const socket: Mounts =
    socketFolder === null
      ? []
      : [{ Type: 'bind', Source: socketFolder, Target: SOCKET_MOUNT, ReadOnly: true }];
  const theirs = template.mounts.map(
    ({ source, target, 'read-only': readOnly }) =>
      ({ Type: 'bind', Source: source, Target: target, ReadOnly: readOnly }) as const,
  );
  return [...ours, ...socket, ...theirs];
}
