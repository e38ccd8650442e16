import type { DialectName } from '../../db.ts';
import { end } from '../dialect.ts';

/** What jobs are found by; those that there are get their terms here. */
export function queryStatements(dialect: DialectName): string[] {
  const branch = dialect === 'sqlite' ? `"trigger" ->> '$.branch'` : `"trigger"::json ->> 'branch'`;
  const labels =
    dialect === 'sqlite'
      ? 'json_each(nodes.labels)'
      : 'json_array_elements_text(nodes.labels::json) as each (value)';
  const label = dialect === 'sqlite' ? 'json_each.value' : 'each.value';
  return [
    `create table job_terms (
      job_id text not null references jobs (id) on delete cascade,
      term text not null,
      primary key (job_id, term)
    ${end(dialect)}`,
    `create index jobs_by_term on job_terms (term, job_id)`,
    `create index jobs_by_result on jobs (result, id) where result is not null`,
    ...[
      `select jobs.id, 'pipeline:' || pipeline from jobs join builds on builds.id = build_id`,
      `select jobs.id, 'project:' || project_id from jobs join builds on builds.id = build_id where project_id is not null`,
      `select jobs.id, 'branch:' || (${branch}) from jobs join builds on builds.id = build_id where ${branch} is not null`,
      `select distinct job_id, 'label:' || ${label} from leases
        join lease_nodes on lease_id = leases.id join nodes on nodes.id = node_id cross join ${labels}`,
    ].map((terms) => `insert into job_terms (job_id, term) ${terms}`),
  ];
}
