import type { Spread } from '#simulator/random';
/** What a simulated world is like: its jobs, and its clouds. Times in milliseconds, rates from 0 to 1. */
export interface Model {
    jobs: JobsModel;
    clouds: readonly CloudModel[];
}
export interface JobsModel {
    /** So many come with each arrival, both ends included. */
    perArrival: {
        min: number;
        max: number;
    };
    /** How long one waits for a node at most. */
    queueTimeoutMs: number;
    kinds: readonly JobKind[];
}
export interface JobKind {
    /** Label expression. */
    runsOn: string;
    /** Its share of the jobs, against the others' weights. */
    weight: number;
    /** 0 to 100. */
    priority: number;
    duration: Spread;
}
export interface CloudModel {
    name: string;
    /** Most nodes at one time; null is no limit. */
    maxNodes: number | null;
    launchRate: {
        perMinute: number;
        burst: number;
    } | null;
    /** When it answers every call with an error, since the start of the simulation; `untilMs` not included. */
    outages: readonly {
        fromMs: number;
        untilMs: number;
    }[];
    templates: readonly TemplateModel[];
}
export interface TemplateModel {
    name: string;
    labels: readonly string[];
    maxNodes: number | null;
    weight: number;
    /** Price of a node for an hour. */
    cost: number;
    /** From asking the cloud to its acceptance. */
    launch: Spread;
    /** From then on until the agent is connected. */
    connect: Spread;
    /** From asking the cloud to remove it until it is gone. */
    remove: Spread;
    rates: FaultRates;
}
/** How often what goes wrong. */
export interface FaultRates {
    /** The cloud takes its time, and says no. */
    failure: number;
    /** It has no room just now, and says so at once. */
    abort: number;
    /** It does not answer at all. */
    hang: number;
    /** It accepts the node, whose agent then never connects. */
    silence: number;
    /** Its agent is lost while it idles or works; from 0 to 1, of all that connect. */
    loss: number;
    /** A removal that fails, and has to be asked for again. */
    removal: number;
}
