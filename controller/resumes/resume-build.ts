import { ownRow, submitIn, type SubmitDefaults } from '#controller/builds';
import type { Tx } from '#controller/events';
import { templateKey } from '#controller/fleet';
import type { Build, HoldWish, ImageVersion } from '#controller/store';
import { format } from '#shared/labels';
import type { Job as JobSpec, Pipeline, RunStep } from '#shared/pipeline';

/** A machine that is to be started again. */
export interface Order {
  /** The build and the job whose failed step it shows. */
  first: Build;
  firstJob: string;
  version: ImageVersion;
  /** One that its template has. */
  label: string;
  wish: HoldWish;
}

const RESUME = 'resume';
const TIMEOUT_MS = 60 * 60_000;
/** Somebody waits for it. */
const PRIORITY = 80;
const MAX_NAME = 200;

/**
 * Where agents pack a workspace for a capture, and what steps exported: what is there goes back to where it was. A node that was captured without its agent has none,
 * and is as good otherwise.
 */
const UNPACK = `for kept in /var/lib/footman-held/workspace "$HOME/.footman-held/workspace"; do
  [ -d "$kept" ] || continue
  echo "the workspace comes from $kept"
  for entry in "$kept"/* "$kept"/.[!.]* "$kept"/..?*; do
    if [ -e "$entry" ] || [ -L "$entry" ]; then mv -- "$entry" .; fi
  done
  rmdir -- "$kept"
  place=\${kept%/workspace}
  if [ -f "$place/environment" ]; then cat -- "$place/environment" >>"$FOOTMAN_ENV"; fi
  if [ -f "$place/path" ]; then cat -- "$place/path" >>"$FOOTMAN_PATH"; fi
  rm -f -- "$place/environment" "$place/path"
  exit 0
done
echo 'the machine was captured without its workspace'`;

const STEP: RunStep = {
  kind: 'run',
  name: 'put the workspace back',
  run: UNPACK,
  shell: 'sh',
  conditions: [],
  env: {},
  continueOnError: true,
};

/** Starts the build: one job, on a node of this very version, which is held at its end as any other. */
export function submitResume(
  tx: Tx,
  { first, firstJob, version, label, wish }: Order,
  defaults: SubmitDefaults,
): Promise<Build> {
  const spec = jobOf(label);
  const name = `resume ${first.pipeline} #${first.number} ${firstJob}`.slice(0, MAX_NAME);
  const pipeline: Pipeline = { name, on: { schedule: [], parameters: {} }, env: {}, jobs: [spec] };
  const submission = {
    pipeline,
    file: first.file,
    // No commit is told of it.
    source: null,
    projectId: first.project_id,
    trigger: { event: 'resume' as const, actor: wish.owner },
    parameters: {},
    trust: first.trust,
    rerunOf: null,
  };
  const { cloud, template } = version;
  const images = { [templateKey({ cloud, name: template })]: version.id };
  return submitIn(tx, submission, defaults, (build) => {
    const own = { purpose: 'resume' as const, images, hold: wish, queue_timeout_ms: defaults.queueTimeoutMs };
    return [ownRow(tx, build, spec, own)];
  });
}

function jobOf(label: string): JobSpec {
  return {
    id: RESUME,
    name: RESUME,
    runsOn: format({ kind: 'atom', label }),
    needs: [],
    conditions: [],
    env: {},
    timeoutMs: TIMEOUT_MS,
    retry: { max: 1, on: ['errored'], delayMs: 0 },
    continueOnError: false,
    priority: PRIORITY,
    outputs: {},
    steps: [STEP],
    post: { timeoutMs: 0, steps: [] },
    artifacts: [],
  };
}
