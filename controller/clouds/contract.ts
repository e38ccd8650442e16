import type { Endpoints, RuntimeFolder } from '#controller/launchers';
import type { Logger } from '#controller/logger';
import type { Document, Report } from '#shared/document';
import type { Bootstrap } from '#shared/protocol';
import type { Readable } from 'node:stream';
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
   * How the node's machine is, as the provider sees it: asked about nodes whose agent is silent. Throws where the provider does not
   * answer, which says nothing about the node.
   */
  inspect?(node: NodeReference, signal: AbortSignal): Promise<Condition>;

  /**
   * Starts the node's machine anew, with the disks that it has, and an agent on it. Resolves when that agent was started. Idempotent by
   * `boot`: a machine that has left it already is not started again, and one whose new agent runs is left alone. For clouds whose
   * capabilities say so.
   */
  reboot?(reboot: Reboot<Template>, signal: AbortSignal): Promise<void>;

  /** Images that are captured of nodes. For clouds whose capabilities say so. */
  readonly images?: CloudImages;

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

/** How a node's machine is. */
export type Condition =
  /** It runs; `boot` is its boot id (`/proc/sys/kernel/random/boot_id`) where the provider can tell. */
  | { state: 'running'; boot: string | null }
  /** It is there and does not run, or not an agent on it; `reason` completes "its machine …". Where it runs, `boot` is its boot id. */
  | { state: 'stopped'; reason: string; boot?: string }
  /** There is no such node. */
  | { state: 'gone' };

/** A request to start a node's machine anew; its bootstrap is good for an agent of another boot only. */
export interface Reboot<Template> extends Launch<Template> {
  /** The boot that is to end, as the agent's facts told it. */
  boot: string;
}

/**
 * Images of ours in one cloud, each under a name that the controller gave it: letters, digits, `-`, `_` and `.`, at most 128. An image that
 * has its name is whole and is never written again; what is half made has another one. None holds a runtime, a workspace, a key or a token,
 * nor does any of its layers, and none of another controller's is ever touched.
 */
export interface CloudImages {
  /**
   * Captures the node's disk. Ends what runs on the node, agent included, and resolves when the image has its name. Idempotent: a capture that
   * was cut short anywhere is finished, or made anew, by the next call. The node stays, and is removed as any other.
   */
  capture(node: NodeReference, name: string, signal: AbortSignal): Promise<CapturedImage>;
  /** Null where there is none. */
  find(name: string, signal: AbortSignal): Promise<CapturedImage | null>;
  /** Idempotent. @throws FootmanError `cloud-refused` while a node stands on it. */
  remove(name: string, signal: AbortSignal): Promise<void>;
  /** All images of this controller, half made ones that nobody works on included. Throws rather than give a part. */
  list(signal: AbortSignal): AsyncIterable<ListedImage>;
  /** The whole image as one file, from which `import` makes the same again, here or in another cloud of the kind. */
  export(name: string, signal: AbortSignal): Promise<ExportedImage>;
  /** Idempotent by name. @throws FootmanError `cloud-refused` for what is no such file. */
  import(name: string, content: Readable, signal: AbortSignal): Promise<CapturedImage>;
}

export interface CapturedImage {
  /** What a template's `image` may name. */
  image: string;
  /** What it takes on the disk, shared layers not counted where the provider can tell. */
  bytes: number;
  /** `sha256:…` of what it holds. */
  digest: string;
}

export interface ListedImage {
  name: string;
  /** Milliseconds since the epoch. */
  createdAt: number;
}

export interface ExportedImage {
  content: Readable;
  /** What files of the kind end with, such as `.tar` or `.qcow2`. */
  suffix: string;
}

export interface StaticHosts<Template> {
  /** How long a reset may take, in milliseconds; ten minutes unless given. */
  readonly resetLimitMs?: number;
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
  /** Name of one of the cloud's own images (`CloudImages`), to make it from in the place of the template's. */
  image?: string;
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
  /** For what happens while nobody waits for an answer. */
  logger: Logger;
}

/** A kind of cloud: what stands under `kind:` in the configuration, and how to open one. */
export interface CloudKind<Settings = unknown, Template = unknown> {
  kind: string;
  /** Settings of the cloud itself, strict, with defaults, in kebab-case. */
  settings: z.ZodType<Settings>;
  /** Whether its clouds have images of their own (`Cloud.images`), so that a template may name a stream of them. */
  images?: boolean;
  /** Settings of one template beyond what all templates have (labels, max-nodes, min-ready). */
  template: z.ZodType<Template>;
  /**
   * How long a launch may take, in milliseconds, where it waits until a machine has booted; what the configuration says for all
   * (`timeouts.launch`) unless given. A cloud's own `launch-timeout` goes before both.
   */
  launchMs?: number;
  /** What the schemas can't say of the cloud's section, at `path` in the document. */
  check?(document: Document, path: readonly string[], report: Report): void;
  /** Opens the cloud without asking the provider anything: a provider that is down must not keep a controller from starting. */
  open(settings: Settings, context: CloudContext): Promise<Cloud<Template>>;
}
