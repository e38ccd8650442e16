import type { Bootstrap } from '#shared/protocol';
import type { z } from 'zod';

/**
 * The plugin contract. A cloud is one configured connection to a provider of nodes.
 *
 * Words: a *resource* is what the provider holds for a node (a container, a machine, its volumes and networks). Every resource bears two
 * tags, the controller's id and the node's id, and a name that is derived from the node's id: so it can be found again after a crash
 * between creating it and hearing about it, and what has another controller's tag, or none, is never touched.
 *
 * Concurrency: all methods may be called at the same time, for different nodes and for one. For one node the callers see to it that
 * `launch` has settled, or that its controller has died, before `remove` is called; `launch` may follow a `launch` that was lost.
 *
 * Errors: methods throw `FootmanError`: `cloud-aborted` for a refusal that counts against nobody (quota, capacity), `cloud-unavailable`
 * for what may pass (the provider doesn't answer), `cloud-refused` for what won't pass by itself (no such image, bad credentials).
 * Anything else counts as `cloud-unavailable`. When a method throws, the resource may exist all the same.
 */
export interface Cloud<Template = unknown> {
  readonly capabilities: Capabilities;

  /**
   * Starts the node's agent on a fresh resource and returns once the provider has accepted it; the agent dials in later by itself.
   * Idempotent by node id: called twice, also by two controllers' lives, it makes one node, and finishes what a first call left half done.
   */
  launch(launch: Launch<Template>, signal: AbortSignal): Promise<Launched>;

  /**
   * Everything that bears this controller's tag, sub-resources too. It throws rather than give a part: no answer is not absence.
   */
  list(signal: AbortSignal): AsyncIterable<CloudResource>;

  /** Makes the node stop using what it uses. Idempotent; returns once the provider accepted it, and does not wait. */
  stop(node: NodeReference, signal: AbortSignal): Promise<void>;

  /** Removes the node and all its sub-resources. Idempotent; resolves when the provider confirms that they are gone. */
  remove(node: NodeReference, signal: AbortSignal): Promise<void>;

  /** The last of what the node printed outside its job, up to 64 KiB, or null where there is nothing. Never throws for a node that is gone. */
  console(node: NodeReference, signal: AbortSignal): Promise<string | null>;

  /**
   * The image that a node of the template would get now, as `Launched.image` tells it; null where that is not known. Idle nodes of another
   * one are replaced. For clouds with images only.
   */
  currentImage?(template: Template, signal: AbortSignal): Promise<string | null>;

  /**
   * Machines that are there all the time, one node on each at a time, which `Launch.host` names. For clouds of such hosts only. The
   * caller sees to it that no two nodes have one host, and that `reset` succeeds between two nodes.
   */
  readonly hosts?: StaticHosts<Template>;

  /** Ends connections. Nodes stay. */
  close(): Promise<void>;
}

export interface Capabilities {
  snapshot: boolean;
  console: boolean;
  privateNetwork: boolean;
  reboot: boolean;
}

export interface StaticHosts<Template> {
  /**
   * Names of the hosts that the template may use; one name is one host, over all templates of the cloud. Null for a template whose nodes
   * need none.
   */
  of(template: Template): readonly string[] | null;
  /** Returns the host, which has no node, to its known state. Idempotent; throws when that fails. */
  reset(host: string, signal: AbortSignal): Promise<void>;
}

export interface Launch<Template> {
  node: NodeReference;
  template: Template;
  /** The static host to launch it on; null where the cloud has none. */
  host: string | null;
  /** A fresh bootstrap for this very launch; where the agent dials is the cloud's choice among the controller's endpoints. */
  bootstrap(choice: Pick<Bootstrap, 'endpoint' | 'root'>): Bootstrap;
}

export interface NodeReference {
  id: string;
  /** What `launch` returned, or null when its answer was lost. */
  resource: string | null;
}

export interface Launched {
  /** The provider's own handle, for people and for `remove`. */
  resource: string;
  /** Digest or id of the image that it was made from, where the provider tells one. */
  image?: string;
}

export interface CloudResource {
  /** Unique within the cloud, stable over listings. */
  id: string;
  /** From its tag. */
  nodeId: string;
  kind: string;
  /** Milliseconds since the epoch; the sweep leaves the young alone. */
  createdAt: number;
}

/** What a cloud gets to live with; one value for all clouds of a controller. */
export interface CloudContext {
  /** The tag that marks what is ours; it stays the same over restarts. */
  controllerId: string;
  /** Name of this cloud in the configuration. */
  name: string;
  /** A folder of this cloud's own, kept over restarts. */
  folder: string;
  endpoints: Endpoints;
  /** Folder of the agent's runtime (`#controller/launchers`); packed on the first call, shared by all clouds. */
  runtime(signal: AbortSignal): Promise<RuntimeFolder>;
}

/** Where agents can dial. */
export interface Endpoints {
  /** Folder of the Unix socket, and the socket's name in it: a mount of the folder outlives the controller. */
  socketFolder: string;
  socketName: string;
  /** The URL under which other machines reach the controller, as configured; null when there is none. */
  url: string | null;
}

/** A folder with the pinned Node.js, its loader and libraries, and the agent; the digest names its content. */
export interface RuntimeFolder {
  path: string;
  digest: string;
  /** The command that starts an agent in a place where `path` is mounted at `mount`. */
  command(mount: string): string[];
}

/** A kind of cloud: what stands under `kind:` in the configuration, and how to open one. */
export interface CloudKind<Settings = unknown, Template = unknown> {
  kind: string;
  /** Settings of the cloud itself, strict, with defaults, in kebab-case. */
  settings: z.ZodType<Settings>;
  /** Settings of one template beyond what all templates have (labels, max-nodes, min-ready). */
  template: z.ZodType<Template>;
  /** Opens the cloud without asking the provider anything: a provider that is down must not keep a controller from starting. */
  open(settings: Settings, context: CloudContext): Promise<Cloud<Template>>;
}
