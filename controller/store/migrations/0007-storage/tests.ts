import type { DialectName } from '../../db.ts';
import { end, integer } from '../dialect.ts';

export function testStatements(dialect: DialectName): string[] {
  return [
    `create table test_reports (
      artifact_id text primary key not null references artifacts (id) on delete cascade,
      job_id text not null,
      build_id text not null,
      total ${integer(dialect)} not null,
      passed ${integer(dialect)} not null,
      failed ${integer(dialect)} not null,
      errored ${integer(dialect)} not null,
      skipped ${integer(dialect)} not null,
      new_failures ${integer(dialect)} not null,
      flaky ${integer(dialect)} not null,
      ms ${integer(dialect)} not null,
      problem text
    ${end(dialect)}`,
    `create index test_reports_job on test_reports (job_id)`,
    `create index test_reports_build on test_reports (build_id)`,
    `create table tests (
      id text primary key not null,
      project_id text,
      pipeline text not null,
      job text not null,
      suite text not null,
      name text not null
    ${end(dialect)}`,
    `create index tests_pipeline on tests (pipeline, id)`,
    `create index tests_name on tests (name)`,
    `create table test_results (
      artifact_id text not null references artifacts (id) on delete cascade,
      position ${integer(dialect)} not null,
      test_id text not null references tests (id) on delete cascade,
      job_id text not null,
      build_id text not null,
      build_number ${integer(dialect)} not null,
      attempt ${integer(dialect)} not null,
      branch text not null,
      commit_id text,
      result text not null,
      ms ${integer(dialect)},
      reruns ${integer(dialect)} not null,
      is_new ${integer(dialect)} not null,
      is_flaky ${integer(dialect)} not null,
      message text,
      at ${integer(dialect)} not null,
      primary key (artifact_id, position)
    ${end(dialect)}`,
    `create index test_results_test on test_results (test_id, build_number, attempt)`,
    `create table test_outputs (
      artifact_id text not null references artifacts (id) on delete cascade,
      position ${integer(dialect)} not null,
      detail text,
      stdout text,
      stderr text,
      primary key (artifact_id, position)
    ${end(dialect)}`,
    `create table test_branches (
      test_id text not null references tests (id) on delete cascade,
      branch text not null,
      recent text not null,
      is_flaky ${integer(dialect)} not null,
      is_failing ${integer(dialect)} not null,
      last_build ${integer(dialect)} not null,
      last_at ${integer(dialect)} not null,
      primary key (test_id, branch)
    ${end(dialect)}`,
    `create index test_branches_flaky on test_branches (test_id, branch) where is_flaky = 1`,
    `create index test_branches_failing on test_branches (test_id, branch) where is_failing = 1`,
  ];
}
