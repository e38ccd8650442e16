import type { Launched } from '#controller/clouds';
import type { Cordons } from '#controller/fleet';
import type { Mishap } from '#controller/nodes';
import type { ProjectUsage } from '#controller/queue';
import type { Node } from '#controller/store';
import type { OpenRequest } from './open-request.ts';
import type { Plan } from './planned.ts';
import type { CurrentVersions } from './situation.ts';

/**
 * What the provisioner knows and changes: the rows of the store, or those of a simulator. Reads show at least what this process has
 * written. Every change is a compare-and-swap: whoever comes second changes nothing and is told so.
 */
export interface Ledger {
  /** All nodes that are not yet gone, oldest first. */
  nodes(): Promise<readonly Node[]>;
  /** All open requests, in no order. */
  requests(): Promise<readonly OpenRequest[]>;
  usage(): Promise<ProjectUsage>;
  cordons(): Promise<Cordons>;
  /** Names of the static hosts of each cloud that may serve a node now. */
  freeHosts(): Promise<ReadonlyMap<string, readonly string[]>>;
  /** Why static hosts of each cloud are quarantined, by name. */
  hostTroubles(): Promise<ReadonlyMap<string, ReadonlyMap<string, string>>>;
  currentVersions(): Promise<CurrentVersions>;
  /** Of the last plan that launched nodes, or an earlier one. Read before all that a plan depends on. */
  planNumber(): Promise<number>;
  /**
   * Writes the plan down, all or nothing, and returns the nodes to launch, without those that can't be
   * intended any more: the intent is there before any cloud hears of it (I2, L4). A plan
   * that launches nodes changes nothing, and `stale` is returned, where another one has done so since `planNumber`: it may have taken the
   * room that this one saw. So no quota is exceeded, and nothing launched twice, however many controllers plan.
   */
  carryOut(plan: Plan, planNumber: number): Promise<Node[] | 'stale'>;
  /** `planned → launching`; the node as it is now, or undefined when it is not to be launched any more. */
  begin(node: Node): Promise<Node | undefined>;
  /**
   * What its cloud knows the image by that the node is made from; null where its template says the image.
   * @throws FootmanError `not-found` when there is no such image any more
   */
  imageOf(node: Node): Promise<string | null>;
  /** The cloud has taken the node. */
  accepted(node: Node, launched: Launched): Promise<void>;
  /** Whether the node has got a job, or had one. */
  hasServed(node: Node): Promise<boolean>;
  /** The node goes and its request hears why; false when it has a job, or was gone already. */
  failed(node: Node, mishap: Mishap): Promise<boolean>;
}
