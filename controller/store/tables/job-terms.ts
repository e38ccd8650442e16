/**
 * What a job is found by beside its own columns: `pipeline:`, `project:` (its id) and `branch:` of its build, from its beginning, and `label:`
 * of the nodes that it got. In the order of their ids, which is that of their making, jobs of a term come without a look at any other.
 */
export interface JobTermTable {
  job_id: string;
  term: string;
}
