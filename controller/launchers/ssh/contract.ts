import type { Bootstrap } from '#shared/protocol';

/** How the host key of a machine is checked; never not at all. */
export type HostKeys =
  /** Public keys as `ssh-ed25519 AAAA…`; only these are good. */
  | { mode: 'pinned'; keys: readonly string[] }
  /** The key of the first login is kept; another one is refused from then on. */
  | { mode: 'first-use'; known: KnownHosts };

/** Host keys by place: `host`, or `[host]:port` where the port is not 22. */
export interface KnownHosts {
  find(place: string): Promise<string | null>;
  /** Keeps the key unless the place has one. */
  remember(place: string, key: string): Promise<void>;
  forget(place: string): Promise<void>;
}

/** How to get at a machine. */
export interface Machine {
  /** For people and logs. */
  name: string;
  host: string;
  port: number;
  user: string;
  /** OpenSSH's format; kept in memory only. */
  privateKey: string;
  hostKeys: HostKeys;
  /**
   * The machine is in its first boot: it may refuse the login until cloud-init has made the user, so a refused login is tried again until
   * the signal ends. On any other machine it is final. A wrong host key always is.
   */
  isBooting?: boolean;
}

/** A node whose agent is to be started. */
export interface NodeStart {
  id: string;
  /** Called once, and only if an agent is started. */
  bootstrap(choice: Pick<Bootstrap, 'endpoint' | 'root'>): Bootstrap;
  /** It has files on the machine, which was restarted: they stay, and its next agent gets them. */
  isRestarted?: boolean;
}

/** A node's folder on a machine. */
export interface NodeOnMachine {
  id: string;
  /** Milliseconds since the epoch, by the controller's clock. */
  createdAt: number;
}

/**
 * Starts agents on machines that are there, over SSH, and ends them. It touches only what bears this controller's id.
 *
 * Concurrency: all may be called at the same time; calls for one node wait for each other.
 *
 * Errors, all FootmanError: `cloud-refused` for what does not pass by itself (another host key, a refused login, no room, another
 * architecture), `cloud-unavailable` for what may. Where the signal ends the waiting for a machine, the error says what the machine said last.
 */
export interface SshLauncher {
  /**
   * Waits for the port and the login until the signal aborts, brings the runtime, ends what an earlier try left of this node, and starts
   * the agent, which outlives the connection. Idempotent by node id: where the node's agent runs in this boot, only its tunnel is opened
   * again. Resolves when the agent runs.
   */
  start(machine: Machine, node: NodeStart, signal: AbortSignal): Promise<void>;
  /** Brings the runtime only. Idempotent; done once for calls at the same time. */
  bring(machine: Machine, signal: AbortSignal): Promise<void>;
  /** Opens the tunnel of a node of an earlier life, and keeps it in the background until `forget`. Where agents dial by URL, it does nothing. */
  adopt(machine: Machine, nodeId: string): void;
  /** SIGTERM to the node's agent. Idempotent; does not wait. */
  stop(machine: Machine, nodeId: string, signal: AbortSignal): Promise<void>;
  /**
   * Ends all processes of the node by SIGKILL (root's too, where sudo works), unmounts what its steps mounted below its folder, removes the
   * folder, and forgets the node. Idempotent.
   */
  end(machine: Machine, nodeId: string, signal: AbortSignal): Promise<void>;
  /** This controller's nodes on the machine. */
  nodes(machine: Machine, signal: AbortSignal): Promise<NodeOnMachine[]>;
  /** The last 64 KiB of what the agent printed; null where there is nothing. */
  console(machine: Machine, nodeId: string, signal: AbortSignal): Promise<string | null>;
  /** `/proc/sys/kernel/random/boot_id` of the machine. */
  bootId(machine: Machine, signal: AbortSignal): Promise<string>;
  /** Whether the node's agent runs, in this boot. */
  isRunning(machine: Machine, nodeId: string, signal: AbortSignal): Promise<boolean>;
  /**
   * Restarts the machine, unless it has left `boot` already, and resolves when it answers in another boot.
   *
   * @throws FootmanError `cloud-refused` where the login is not root and has no sudo
   */
  reboot(machine: Machine, boot: string, signal: AbortSignal): Promise<void>;
  /**
   * Runs a script by `sh -s`; it has no standard input of its own. Returns the last 64 KiB of its output. Where the signal ends it, its
   * processes are killed as far as the machine's sshd can.
   *
   * @throws FootmanError `cloud-unavailable` with the exit code and the end of its output
   */
  run(machine: Machine, script: string, signal: AbortSignal): Promise<string>;
  /** Closes the node's connection and tunnel; the machine is left alone. */
  forget(nodeId: string): void;
  /** Closes all connections. */
  close(): Promise<void>;
}
