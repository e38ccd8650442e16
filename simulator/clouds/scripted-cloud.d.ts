import type { Clock } from '#controller/clock';
import type { Cloud } from '#controller/clouds';
import type { CloudModel } from '#simulator/model';
import { type Fate } from './fate.ts';
/** What the cloud holds for a node. */
export interface Resource {
    nodeId: string;
    template: string;
    createdAt: number;
    fate: Fate;
}
export interface ScriptedCloud {
    name: string;
    cloud: Cloud;
    /** All that is there, by the node's id. */
    resources: ReadonlyMap<string, Resource>;
}
interface Deps {
    model: CloudModel;
    clock: Clock;
    /** Outages are counted from here, in milliseconds since the epoch. */
    startMs: number;
    seed: number;
    /** Called before anything is made for a node, and before anything of it is removed: whoever breaks a promise by it throws. */
    guard(call: 'launch' | 'remove', nodeId: string): void;
    /** The node's agent would connect after so long. */
    onCreated(resource: Resource): void;
}
/** A cloud after the contract, on a clock of its own; what it does, and how long that takes, is drawn from the model. */
export declare function createScriptedCloud(deps: Deps): ScriptedCloud;
export {};
