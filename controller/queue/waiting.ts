/** Something that waits for a node on behalf of a job, with all that its place in the queue depends on. */
export interface Waiting {
  /** Smaller is sooner: when it was queued, less six minutes for each point of priority. */
  rank: number;
  /** 0 to 100. */
  priority: number;
  /** Whose it is; null for what belongs to no project. */
  project: ProjectShare | null;
}

/** What a project may have of the nodes. */
export interface ProjectShare {
  id: string;
  name: string;
  /** Its weight where projects compete. */
  share: number;
  /** Most nodes that its jobs have at one time; null is no limit. */
  maxNodes: number | null;
}

/** Nodes that jobs of a project have now, by its id; `null` stands for all jobs without a project. */
export type ProjectUsage = ReadonlyMap<string | null, number>;
