export const AFTER_HELP = `
Examples:
  footman run examples/quickstart.yaml
  footman lint build.yaml
  footman project --help

A command talks to the controller at --controller or FOOTMAN_URL; else to the one that runs on the data folder;
else it runs one by itself for as long as it takes.

Exit codes: 0 success, 1 the build failed, 64 wrong usage, 65 mistakes in a file, 66 not found, 69 controller
unreachable, 75 infrastructure failed, 77 not allowed, 78 mistakes in the configuration, 124 timed out, 130 cancelled.`;

export const RUN_HELP = `
Examples:
  footman run examples/quickstart.yaml
  footman run -p branch=firefly -p debug=true nightly.yaml
  footman run --runs-on docker build.yaml       every job on a node with that label
  footman --json run build.yaml | jq .kind      events as JSON lines, the last one has the build

A pipeline in a git repository is built from the work tree's commit; changes of tracked files come with it.
Ctrl-C cancels the build and waits for it; pressed again, it cancels by force; once more, it leaves at once.`;

export const LINT_HELP = `
Examples:
  footman lint build.yaml
  footman lint --deny-warnings ci/*.yaml
  git show HEAD:build.yaml | footman lint -`;

export const EXPLAIN_HELP = `
BUILD, BUILD/JOB or a job's id is asked of the controller: what each template says that could serve the job, which nodes are on
their way, and an estimate. A build's number means all its jobs that wait.

A file, a name that ends in .yaml or .yml, or - is a pipeline. With a controller (--controller, or one that runs on the data
folder) each of its jobs comes with the templates that it can run on.

Examples:
  footman explain 12/test
  footman explain 12
  footman --json explain 12/test | jq '.jobs[].candidates'
  footman explain build.yaml
  footman explain -p branch=firefly nightly.yaml
  footman --json explain build.yaml | jq '.jobs[].key'`;

export const BUILDS_HELP = `
Examples:
  footman builds
  footman builds --state running
  footman --json builds -n 100 --pipeline nightly | jq '.builds[] | [.number, .result]'`;

export const JOBS_HELP = `
All conditions have to hold. Each attempt is a job of its own. The labels are those of the nodes that it got.

Examples:
  footman jobs --branch main --result failure --since 7d
  footman jobs --label arm64 --label vm --state running
  footman jobs --test test_quorum
  footman --json jobs --node 1qf11vk6m41set8k | jq '.jobs[] | [.build, .key]'`;

export const CLOUDS_HELP = `
Starts are from the plan to the ready node, of the last 500 launches; the API has them by phase.

Examples:
  footman clouds
  footman --json clouds | jq '.clouds[].templates[] | {name, starts, launches}'`;

export const NODES_HELP = `
Examples:
  footman nodes
  footman --json nodes --all | jq '.nodes[] | select(.state == "failed")'`;

export const DOCTOR_HELP = `
Shows what the sweep sees in each cloud and why it keeps or removes each thing, leaks, hosts, and what is wrong. It changes nothing.
The exit code is 0 when all is well, and 1 when something is wrong.

Examples:
  footman doctor
  footman --json doctor | jq -r '.problems[]'`;

export const LOGS_HELP = `
The target is BUILD, BUILD/JOB or BUILD/JOB/STEP: a build's number or id, a job's key (or its id in the pipeline, for all cells
of its matrix), a step's name or its place from 1.

Examples:
  footman logs 12                all steps, each under its name
  footman logs 12/test/2         the bytes of one step as it wrote them
  footman logs -f 12             everything, as it comes, until the build ends
  footman logs --tail 20 12/test
  footman logs --attempt 1 '12/test (3, arm)'
  footman logs --since 10m 12
  footman logs --lines 4990-5010 12/test/2
  footman logs --grep 'undefined reference' 12`;

export const CANCEL_HELP = `
Examples:
  footman cancel 12
  footman cancel 12/test
  footman cancel --force 12

A cancelled job gets SIGTERM, then some time, then SIGKILL, and its post steps run. By force it ends at once.`;

export const RERUN_HELP = `
Examples:
  footman rerun 12                       everything
  footman rerun --failed --follow 12     what failed, with the other jobs' results and outputs as they were
  footman rerun --job 'test (3, arm)' 12`;

export const SERVE_HELP = `
Examples:
  footman serve
  footman serve --config /etc/footman.yaml --listen 0.0.0.0:8080

SIGTERM or SIGINT ends it in order: jobs go on, and find the controller again at its next start. SIGHUP reloads the configuration, as
\`footman config reload\` does.`;
