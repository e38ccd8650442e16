CREATE FUNCTION public.next_event_seq() RETURNS bigint
    LANGUAGE plpgsql
    AS $$
  begin
    perform pg_advisory_xact_lock(7311002);
    return nextval('event_seq');
  end
  $$;
CREATE TABLE public.artifact_files (
    artifact_id text NOT NULL,
    path text NOT NULL COLLATE pg_catalog."C",
    bytes bigint NOT NULL,
    sha256 text NOT NULL,
    mode bigint NOT NULL,
    blob text NOT NULL
);
CREATE TABLE public.artifacts (
    id text NOT NULL,
    job_id text NOT NULL,
    "position" bigint NOT NULL,
    name text NOT NULL,
    state text NOT NULL,
    reason text,
    files bigint NOT NULL,
    bytes bigint NOT NULL,
    created_at bigint NOT NULL,
    finished_at bigint
);
CREATE TABLE public.builds (
    id text NOT NULL,
    number bigint NOT NULL,
    pipeline text NOT NULL,
    file text NOT NULL,
    state text NOT NULL,
    result text,
    reason text,
    definition text NOT NULL,
    source text,
    timeout_ms bigint,
    cancel_requested_at bigint,
    created_at bigint NOT NULL,
    started_at bigint,
    finished_at bigint,
    project_id text,
    trigger text DEFAULT '{"event":"manual"}'::text NOT NULL,
    parameters text DEFAULT '{}'::text NOT NULL,
    trust text DEFAULT 'trusted'::text NOT NULL,
    env text DEFAULT '{}'::text NOT NULL,
    concurrency_group text,
    concurrency_limit bigint,
    admitted_at bigint,
    rerun_of text
);
CREATE TABLE public.caches (
    id text NOT NULL,
    scope text NOT NULL,
    key text NOT NULL,
    version text NOT NULL,
    blob text NOT NULL,
    bytes bigint NOT NULL,
    sha256 text NOT NULL,
    created_at bigint NOT NULL,
    used_at bigint NOT NULL
);
CREATE TABLE public.commit_statuses (
    id text NOT NULL,
    project_id text NOT NULL,
    sha text NOT NULL,
    context text NOT NULL,
    build_id text,
    number bigint NOT NULL,
    wanted text NOT NULL,
    description text NOT NULL,
    told text,
    failures bigint NOT NULL,
    problem text,
    due_at bigint
);
CREATE TABLE public.concurrency_groups (
    name text NOT NULL,
    touched_at bigint NOT NULL
);
CREATE TABLE public.counters (
    name text NOT NULL,
    last bigint NOT NULL
);
CREATE TABLE public.deliveries (
    id text NOT NULL,
    project_id text NOT NULL,
    delivery text NOT NULL,
    digest text NOT NULL,
    event text NOT NULL,
    payload text NOT NULL,
    state text NOT NULL,
    reason text,
    attempts bigint NOT NULL,
    due_at bigint NOT NULL,
    received_at bigint NOT NULL,
    processed_at bigint
);
CREATE SEQUENCE public.event_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
CREATE TABLE public.events (
    seq bigint DEFAULT public.next_event_seq() NOT NULL,
    at bigint NOT NULL,
    kind text NOT NULL,
    build_id text,
    job_id text,
    node_id text,
    data text NOT NULL
);
CREATE TABLE public.jobs (
    id text NOT NULL,
    build_id text NOT NULL,
    key text NOT NULL,
    base text NOT NULL,
    matrix text,
    name text NOT NULL,
    "position" bigint NOT NULL,
    state text NOT NULL,
    state_since bigint NOT NULL,
    result text,
    reason text,
    runs_on text NOT NULL,
    needs text NOT NULL,
    spec text NOT NULL,
    resolved text,
    outputs text,
    attempt bigint NOT NULL,
    superseded bigint NOT NULL,
    not_before bigint,
    priority bigint NOT NULL,
    rank bigint,
    continue_on_error bigint NOT NULL,
    concurrency_group text,
    concurrency_limit bigint,
    reused_from text,
    timeout_ms bigint NOT NULL,
    queue_timeout_ms bigint NOT NULL,
    cancel_requested_at bigint,
    queued_at bigint,
    started_at bigint,
    finished_at bigint
);
CREATE TABLE public.lease_nodes (
    node_id text NOT NULL,
    lease_id text NOT NULL,
    role text NOT NULL
);
CREATE TABLE public.leases (
    id text NOT NULL,
    job_id text NOT NULL,
    epoch bigint NOT NULL,
    state text NOT NULL,
    created_at bigint NOT NULL,
    ended_at bigint
);
CREATE TABLE public.loop_leases (
    loop text NOT NULL,
    holder text NOT NULL,
    expires_at bigint NOT NULL
);
CREATE TABLE public.meta (
    key text NOT NULL,
    value text NOT NULL
);
CREATE TABLE public.migrations (
    number bigint NOT NULL,
    name text NOT NULL,
    breaking bigint NOT NULL,
    applied_at bigint NOT NULL
);
CREATE TABLE public.node_requests (
    id text NOT NULL,
    job_id text,
    role text NOT NULL,
    runs_on text NOT NULL,
    state text NOT NULL,
    state_since bigint NOT NULL,
    declines text NOT NULL,
    reason text,
    created_at bigint NOT NULL
);
CREATE TABLE public.nodes (
    id text NOT NULL,
    cloud text NOT NULL,
    template text NOT NULL,
    request_id text,
    labels text NOT NULL,
    state text NOT NULL,
    state_since bigint NOT NULL,
    reason text,
    resource text,
    facts text,
    bootstrap_used_at bigint,
    session_epoch bigint NOT NULL,
    disconnected_at bigint,
    removal_failures bigint NOT NULL,
    removal_due_at bigint,
    created_at bigint NOT NULL,
    launched_at bigint,
    connected_at bigint,
    ready_at bigint,
    leased_at bigint,
    deleted_at bigint
);
CREATE TABLE public.projects (
    id text NOT NULL,
    name text NOT NULL,
    provider text NOT NULL,
    repository text NOT NULL,
    api_url text,
    default_branch text NOT NULL,
    pipelines text NOT NULL,
    token_secret text,
    ssh_key_secret text,
    webhook_secret text,
    known_hosts text,
    depth bigint,
    created_at bigint NOT NULL
);
CREATE TABLE public.schedules (
    id text NOT NULL,
    project_id text NOT NULL,
    file text NOT NULL,
    cron text NOT NULL,
    timezone text NOT NULL,
    next_at bigint NOT NULL,
    last_at bigint
);
CREATE TABLE public.secrets (
    id text NOT NULL,
    scope text NOT NULL,
    name text NOT NULL,
    key_id text NOT NULL,
    sealed text NOT NULL,
    debug text NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL
);
CREATE TABLE public.steps (
    id text NOT NULL,
    job_id text NOT NULL,
    "position" bigint NOT NULL,
    name text NOT NULL,
    spec text NOT NULL,
    state text NOT NULL,
    result text,
    exit_code bigint,
    signal text,
    message text,
    outputs text,
    log_bytes bigint NOT NULL,
    log_lines bigint NOT NULL,
    started_at bigint,
    finished_at bigint,
    phase text DEFAULT 'main'::text NOT NULL,
    continue_on_error bigint DEFAULT 0 NOT NULL,
    hashes text
);
ALTER TABLE ONLY public.artifact_files
    ADD CONSTRAINT artifact_files_pkey PRIMARY KEY (artifact_id, path);
ALTER TABLE ONLY public.artifacts
    ADD CONSTRAINT artifacts_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.builds
    ADD CONSTRAINT builds_number_key UNIQUE (number);
ALTER TABLE ONLY public.builds
    ADD CONSTRAINT builds_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.caches
    ADD CONSTRAINT caches_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.caches
    ADD CONSTRAINT caches_scope_version_key_key UNIQUE (scope, version, key);
ALTER TABLE ONLY public.commit_statuses
    ADD CONSTRAINT commit_statuses_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.commit_statuses
    ADD CONSTRAINT commit_statuses_project_id_sha_context_key UNIQUE (project_id, sha, context);
ALTER TABLE ONLY public.concurrency_groups
    ADD CONSTRAINT concurrency_groups_pkey PRIMARY KEY (name);
ALTER TABLE ONLY public.counters
    ADD CONSTRAINT counters_pkey PRIMARY KEY (name);
ALTER TABLE ONLY public.deliveries
    ADD CONSTRAINT deliveries_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.deliveries
    ADD CONSTRAINT deliveries_project_id_delivery_key UNIQUE (project_id, delivery);
ALTER TABLE ONLY public.deliveries
    ADD CONSTRAINT deliveries_project_id_digest_key UNIQUE (project_id, digest);
ALTER TABLE ONLY public.events
    ADD CONSTRAINT events_pkey PRIMARY KEY (seq);
ALTER TABLE ONLY public.jobs
    ADD CONSTRAINT jobs_with_attempts_build_id_key_attempt_key UNIQUE (build_id, key, attempt);
ALTER TABLE ONLY public.jobs
    ADD CONSTRAINT jobs_with_attempts_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.lease_nodes
    ADD CONSTRAINT lease_nodes_pkey PRIMARY KEY (node_id);
ALTER TABLE ONLY public.leases
    ADD CONSTRAINT leases_job_id_epoch_key UNIQUE (job_id, epoch);
ALTER TABLE ONLY public.leases
    ADD CONSTRAINT leases_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.loop_leases
    ADD CONSTRAINT loop_leases_pkey PRIMARY KEY (loop);
ALTER TABLE ONLY public.meta
    ADD CONSTRAINT meta_pkey PRIMARY KEY (key);
ALTER TABLE ONLY public.migrations
    ADD CONSTRAINT migrations_pkey PRIMARY KEY (number);
ALTER TABLE ONLY public.node_requests
    ADD CONSTRAINT node_requests_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.nodes
    ADD CONSTRAINT nodes_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.projects
    ADD CONSTRAINT projects_name_key UNIQUE (name);
ALTER TABLE ONLY public.projects
    ADD CONSTRAINT projects_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.schedules
    ADD CONSTRAINT schedules_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.schedules
    ADD CONSTRAINT schedules_project_id_file_cron_timezone_key UNIQUE (project_id, file, cron, timezone);
ALTER TABLE ONLY public.secrets
    ADD CONSTRAINT secrets_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.secrets
    ADD CONSTRAINT secrets_scope_name_key UNIQUE (scope, name);
ALTER TABLE ONLY public.steps
    ADD CONSTRAINT steps_job_id_position_key UNIQUE (job_id, "position");
ALTER TABLE ONLY public.steps
    ADD CONSTRAINT steps_pkey PRIMARY KEY (id);
CREATE INDEX artifacts_of_job ON public.artifacts USING btree (job_id, "position");
CREATE INDEX builds_by_pipeline ON public.builds USING btree (pipeline, number);
CREATE INDEX builds_in_group ON public.builds USING btree (concurrency_group, number) WHERE ((concurrency_group IS NOT NULL) AND (state <> 'finished'::text));
CREATE INDEX builds_of_project ON public.builds USING btree (project_id, number) WHERE (project_id IS NOT NULL);
CREATE INDEX builds_of_projects_finished ON public.builds USING btree (finished_at) WHERE ((project_id IS NOT NULL) AND (state = 'finished'::text));
CREATE INDEX builds_unfinished ON public.builds USING btree (number) WHERE (state <> 'finished'::text);
CREATE INDEX caches_newest ON public.caches USING btree (scope, version, created_at);
CREATE INDEX caches_unused ON public.caches USING btree (used_at);
CREATE INDEX commit_statuses_due ON public.commit_statuses USING btree (project_id, due_at) WHERE (due_at IS NOT NULL);
CREATE INDEX commit_statuses_of_build ON public.commit_statuses USING btree (build_id) WHERE (build_id IS NOT NULL);
CREATE INDEX commit_statuses_unended ON public.commit_statuses USING btree (build_id) WHERE (wanted = ANY (ARRAY['pending'::text, 'running'::text]));
CREATE INDEX deliveries_of_project ON public.deliveries USING btree (project_id, id);
CREATE INDEX deliveries_received ON public.deliveries USING btree (due_at) WHERE (state = 'received'::text);
CREATE INDEX events_of_build ON public.events USING btree (build_id, seq) WHERE (build_id IS NOT NULL);
CREATE INDEX jobs_delayed ON public.jobs USING btree (not_before) WHERE ((state = 'blocked'::text) AND (not_before IS NOT NULL));
CREATE INDEX jobs_in_group ON public.jobs USING btree (concurrency_group) WHERE ((concurrency_group IS NOT NULL) AND (state <> 'finished'::text));
CREATE INDEX jobs_of_build ON public.jobs USING btree (build_id, "position", attempt);
CREATE INDEX jobs_queued ON public.jobs USING btree (rank) WHERE (state = 'queued'::text);
CREATE INDEX jobs_unfinished ON public.jobs USING btree (state) WHERE (state <> 'finished'::text);
CREATE UNIQUE INDEX leases_active ON public.leases USING btree (job_id) WHERE (state = 'active'::text);
CREATE INDEX node_requests_of_job ON public.node_requests USING btree (job_id);
CREATE INDEX node_requests_open ON public.node_requests USING btree (created_at) WHERE (state = ANY (ARRAY['requested'::text, 'pending'::text]));
CREATE INDEX nodes_live ON public.nodes USING btree (state) WHERE (state <> 'deleted'::text);
CREATE INDEX nodes_of_lease ON public.lease_nodes USING btree (lease_id);
CREATE INDEX nodes_of_request ON public.nodes USING btree (request_id) WHERE (request_id IS NOT NULL);
CREATE INDEX schedules_next ON public.schedules USING btree (next_at);
ALTER TABLE ONLY public.artifact_files
    ADD CONSTRAINT artifact_files_artifact_id_fkey FOREIGN KEY (artifact_id) REFERENCES public.artifacts(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.artifacts
    ADD CONSTRAINT artifacts_job_id_fkey FOREIGN KEY (job_id) REFERENCES public.jobs(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.commit_statuses
    ADD CONSTRAINT commit_statuses_build_id_fkey FOREIGN KEY (build_id) REFERENCES public.builds(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.commit_statuses
    ADD CONSTRAINT commit_statuses_project_id_fkey FOREIGN KEY (project_id) REFERENCES public.projects(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.deliveries
    ADD CONSTRAINT deliveries_project_id_fkey FOREIGN KEY (project_id) REFERENCES public.projects(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.events
    ADD CONSTRAINT events_build_id_fkey FOREIGN KEY (build_id) REFERENCES public.builds(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.jobs
    ADD CONSTRAINT jobs_with_attempts_build_id_fkey FOREIGN KEY (build_id) REFERENCES public.builds(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.lease_nodes
    ADD CONSTRAINT lease_nodes_lease_id_fkey FOREIGN KEY (lease_id) REFERENCES public.leases(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.lease_nodes
    ADD CONSTRAINT lease_nodes_node_id_fkey FOREIGN KEY (node_id) REFERENCES public.nodes(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.leases
    ADD CONSTRAINT leases_job_id_fkey FOREIGN KEY (job_id) REFERENCES public.jobs(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.node_requests
    ADD CONSTRAINT node_requests_job_id_fkey FOREIGN KEY (job_id) REFERENCES public.jobs(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.nodes
    ADD CONSTRAINT nodes_request_id_fkey FOREIGN KEY (request_id) REFERENCES public.node_requests(id) ON DELETE SET NULL;
ALTER TABLE ONLY public.schedules
    ADD CONSTRAINT schedules_project_id_fkey FOREIGN KEY (project_id) REFERENCES public.projects(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.steps
    ADD CONSTRAINT steps_job_id_fkey FOREIGN KEY (job_id) REFERENCES public.jobs(id) ON DELETE CASCADE;
