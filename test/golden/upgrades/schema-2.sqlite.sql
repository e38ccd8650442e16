CREATE TABLE migrations (
          number bigint primary key, name text not null, breaking bigint not null, applied_at bigint not null
        );
CREATE TABLE meta (
      key text primary key,
      value text not null
    ) strict;
CREATE TABLE counters (
      name text primary key,
      last integer not null
    ) strict;
CREATE TABLE loop_leases (
      loop text primary key,
      holder text not null,
      expires_at integer not null
    ) strict;
CREATE TABLE builds (
      id text primary key,
      number integer not null unique,
      pipeline text not null,
      file text not null,
      state text not null,
      result text,
      reason text,
      definition text not null,
      source text,
      timeout_ms integer,
      cancel_requested_at integer,
      created_at integer not null,
      started_at integer,
      finished_at integer
    , project_id text, trigger text not null default '{"event":"manual"}', parameters text not null default '{}', trust text not null default 'trusted', env text not null default '{}', concurrency_group text, concurrency_limit integer, admitted_at integer, rerun_of text) strict;
CREATE INDEX builds_by_pipeline on builds (pipeline, number);
CREATE INDEX builds_unfinished on builds (number) where state <> 'finished';
CREATE TABLE steps (
      id text primary key,
      job_id text not null references jobs (id) on delete cascade,
      position integer not null,
      name text not null,
      spec text not null,
      state text not null,
      result text,
      exit_code integer,
      signal text,
      message text,
      outputs text,
      log_bytes integer not null,
      log_lines integer not null,
      started_at integer,
      finished_at integer, phase text not null default 'main', continue_on_error integer not null default 0, hashes text,
      unique (job_id, position)
    ) strict;
CREATE TABLE node_requests (
      id text primary key,
      job_id text references jobs (id) on delete cascade,
      role text not null,
      runs_on text not null,
      state text not null,
      state_since integer not null,
      declines text not null,
      reason text,
      created_at integer not null
    ) strict;
CREATE INDEX node_requests_of_job on node_requests (job_id);
CREATE INDEX node_requests_open on node_requests (created_at) where state in ('requested', 'pending');
CREATE TABLE nodes (
      id text primary key,
      cloud text not null,
      template text not null,
      request_id text references node_requests (id) on delete set null,
      labels text not null,
      state text not null,
      state_since integer not null,
      reason text,
      resource text,
      facts text,
      bootstrap_used_at integer,
      session_epoch integer not null,
      disconnected_at integer,
      removal_failures integer not null,
      removal_due_at integer,
      created_at integer not null,
      launched_at integer,
      connected_at integer,
      ready_at integer,
      leased_at integer,
      deleted_at integer
    ) strict;
CREATE INDEX nodes_of_request on nodes (request_id) where request_id is not null;
CREATE INDEX nodes_live on nodes (state) where state <> 'deleted';
CREATE TABLE leases (
      id text primary key,
      job_id text not null references jobs (id) on delete cascade,
      epoch integer not null,
      state text not null,
      created_at integer not null,
      ended_at integer,
      unique (job_id, epoch)
    ) strict;
CREATE UNIQUE INDEX leases_active on leases (job_id) where state = 'active';
CREATE TABLE lease_nodes (
      node_id text primary key references nodes (id) on delete cascade,
      lease_id text not null references leases (id) on delete cascade,
      role text not null
    ) strict;
CREATE INDEX nodes_of_lease on lease_nodes (lease_id);
CREATE TABLE artifacts (
      id text primary key,
      job_id text not null references jobs (id) on delete cascade,
      position integer not null,
      name text not null,
      state text not null,
      reason text,
      files integer not null,
      bytes integer not null,
      created_at integer not null,
      finished_at integer
    ) strict;
CREATE INDEX artifacts_of_job on artifacts (job_id, position);
CREATE TABLE artifact_files (
      artifact_id text not null references artifacts (id) on delete cascade,
      path text not null,
      bytes integer not null,
      sha256 text not null,
      mode integer not null,
      blob text not null,
      primary key (artifact_id, path)
    ) strict;
CREATE TABLE events (
      seq integer primary key autoincrement,
      at integer not null,
      kind text not null,
      build_id text references builds (id) on delete cascade,
      job_id text,
      node_id text,
      data text not null
    ) strict;
CREATE INDEX events_of_build on events (build_id, seq) where build_id is not null;
CREATE INDEX builds_of_project on builds (project_id, number) where project_id is not null;
CREATE INDEX builds_in_group on builds (concurrency_group, number)
      where concurrency_group is not null and state <> 'finished';
CREATE TABLE concurrency_groups (
      name text primary key,
      touched_at integer not null
    ) strict;
CREATE TABLE "jobs" (
      id text primary key,
      build_id text not null references builds (id) on delete cascade,
      key text not null,
      base text not null,
      matrix text,
      name text not null,
      position integer not null,
      state text not null,
      state_since integer not null,
      result text,
      reason text,
      runs_on text not null,
      needs text not null,
      spec text not null,
      resolved text,
      outputs text,
      attempt integer not null,
      superseded integer not null,
      not_before integer,
      priority integer not null,
      rank integer,
      continue_on_error integer not null,
      concurrency_group text,
      concurrency_limit integer,
      reused_from text,
      timeout_ms integer not null,
      queue_timeout_ms integer not null,
      cancel_requested_at integer,
      queued_at integer,
      started_at integer,
      finished_at integer,
      unique (build_id, key, attempt)
    ) strict;
CREATE INDEX jobs_of_build on jobs (build_id, position, attempt);
CREATE INDEX jobs_unfinished on jobs (state) where state <> 'finished';
CREATE INDEX jobs_queued on jobs (rank) where state = 'queued';
CREATE INDEX jobs_delayed on jobs (not_before) where state = 'blocked' and not_before is not null;
CREATE INDEX jobs_in_group on jobs (concurrency_group)
      where concurrency_group is not null and state <> 'finished';
CREATE TABLE projects (
      id text primary key,
      name text not null unique,
      provider text not null,
      repository text not null,
      api_url text,
      default_branch text not null,
      pipelines text not null,
      token_secret text,
      ssh_key_secret text,
      webhook_secret text,
      known_hosts text,
      depth integer,
      created_at integer not null
    ) strict;
CREATE TABLE secrets (
      id text primary key,
      scope text not null,
      name text not null,
      key_id text not null,
      sealed text not null,
      debug text not null,
      created_at integer not null,
      updated_at integer not null,
      unique (scope, name)
    ) strict;
CREATE TABLE deliveries (
      id text primary key,
      project_id text not null references projects (id) on delete cascade,
      delivery text not null,
      digest text not null,
      event text not null,
      payload text not null,
      state text not null,
      reason text,
      attempts integer not null,
      due_at integer not null,
      received_at integer not null,
      processed_at integer,
      unique (project_id, delivery),
      unique (project_id, digest)
    ) strict;
CREATE INDEX deliveries_received on deliveries (due_at) where state = 'received';
CREATE INDEX deliveries_of_project on deliveries (project_id, id);
CREATE TABLE schedules (
      id text primary key,
      project_id text not null references projects (id) on delete cascade,
      file text not null,
      cron text not null,
      timezone text not null,
      next_at integer not null,
      last_at integer,
      unique (project_id, file, cron, timezone)
    ) strict;
CREATE INDEX schedules_next on schedules (next_at);
CREATE TABLE commit_statuses (
      id text primary key,
      project_id text not null references projects (id) on delete cascade,
      sha text not null,
      context text not null,
      build_id text references builds (id) on delete cascade,
      number integer not null,
      wanted text not null,
      description text not null,
      told text,
      failures integer not null,
      problem text,
      due_at integer,
      unique (project_id, sha, context)
    ) strict;
CREATE INDEX commit_statuses_due on commit_statuses (project_id, due_at) where due_at is not null;
CREATE INDEX commit_statuses_of_build on commit_statuses (build_id) where build_id is not null;
CREATE INDEX commit_statuses_unended on commit_statuses (build_id) where wanted in ('pending', 'running');
CREATE INDEX builds_of_projects_finished on builds (finished_at)
      where project_id is not null and state = 'finished';
CREATE TABLE caches (
      id text primary key,
      scope text not null,
      key text not null,
      version text not null,
      blob text not null,
      bytes integer not null,
      sha256 text not null,
      created_at integer not null,
      used_at integer not null,
      unique (scope, version, key)
    ) strict;
CREATE INDEX caches_newest on caches (scope, version, created_at);
CREATE INDEX caches_unused on caches (used_at);
