import type { Strangers } from '#shared/document';

const IN_SNAPSHOT = 'write it inside of "snapshot", beside "stream"';
const NO_SECRETS = 'what is prepared is shared by many jobs and builds, and a secret would be in the image';
const SCRIPTS_ONLY = 'an image is verified by scripts, on a node with an empty workspace';

/** Keys that people bring along from other systems, or from another place, with what to write here instead. */
export const STRANGERS: Strangers = new Map([
  // GitHub Actions
  ['strategy', 'write "matrix" on the job itself, with "fail-fast" and "max-parallel" inside of it'],
  ['timeout-minutes', 'write "timeout" with a unit: timeout: 30m'],
  ['container', 'choose the node by its labels: "runs-on"'],
  ['services', 'start them in a step, or choose a node that has them: "runs-on"'],
  ['permissions', 'take it away: a build has no rights but for the secrets that its steps name'],
  ['workflow_dispatch', 'write "manual", with "parameters" inside of it'],
  ['workflow_call', 'write a template, and use it by "uses": ./ci/common.yaml#unit'],
  ['pull_request', 'write "pull-request"'],
  ['pull_request_target', 'write "pull-request"; builds from forks never get secrets'],
  ['inputs', 'write "parameters"'],
  ['secrets', 'a step names the secrets that it needs in its "env": TOKEN: ${{ secrets.TOKEN }}'],
  ['working_directory', 'write "working-directory"'],
  ['run-name', 'write "name"'],
  // GitLab
  ['stages', 'jobs run in the order that their "needs" give'],
  ['stage', 'say which jobs come first: "needs"'],
  ['script', 'write "steps", each with "run"'],
  ['before_script', 'write it as the first of the "steps"'],
  ['after_script', 'write it under "post": "always"'],
  ['image', 'choose the node by its labels: "runs-on"'],
  ['variables', 'write "env"'],
  ['only', 'write a condition: "if"'],
  ['except', 'write a condition: "if"'],
  ['rules', 'write a condition: "if"'],
  ['allow_failure', 'write "continue-on-error"'],
  ['extends', 'write "uses" with the name of a template'],
  ['include', 'name the file where a template is used: "uses": ./ci/common.yaml#unit'],
  ['interruptible', 'write "concurrency" with "cancel-in-progress"'],
  ['resource_group', 'write "concurrency"'],
  ['dependencies', 'write "needs"'],
  // Jenkins
  ['parameters', 'write it under "on": "manual"'],
  ['pipeline', 'take it away: what is inside of it stands at the top of the file'],
  ['agent', 'choose the node by its labels: "runs-on"'],
  ['triggers', 'write "on"'],
  ['environment', 'write "env"'],
  ['parallel', 'jobs run at the same time unless one "needs" another; combinations of values are a "matrix"'],
  ['sh', 'write "run"'],
  // Zuul
  ['nodeset', 'choose the node by its labels: "runs-on"'],
  ['parent', 'write "uses" with the name of a template'],
  ['post-run', 'write "post"'],
  ['pre-run', 'write it as the first of the "steps"'],

  // Steps of other places
  ['snapshot', 'it can only be the last step under "post": "success"'],
  ['snapshot.image', 'write "stream"'],
  ['success.verify', IN_SNAPSHOT],
  ['success.keep', IN_SNAPSHOT],
  ['success.promote', IN_SNAPSHOT],
  ['success.refresh-after', IN_SNAPSHOT],
  ['prepare.steps.id', 'no other step can read what a step here has done'],
  ['prepare.steps.if', 'all of these steps run, or none; a job that needs others has a "prepare" of its own'],
  ['prepare.steps.continue-on-error', 'an image is made when every step has succeeded'],
  ['prepare.steps.cache', 'the image itself is kept for the next builds'],
  ['prepare.steps.reboot', 'nodes start from the image anyway'],
  ['prepare.steps.uses', 'write the steps of the template out; a template of a whole job may have "prepare"'],
  ['prepare.steps.with', 'give values to a script through "env"'],
  ['prepare.steps.checkout.token', NO_SECRETS],
  ['prepare.steps.checkout.ssh-key', NO_SECRETS],
  ['snapshot.verify.id', 'no other step can read what a step here has done'],
  ['snapshot.verify.checkout', SCRIPTS_ONLY],
  ['snapshot.verify.cache', SCRIPTS_ONLY],
  ['snapshot.verify.reboot', SCRIPTS_ONLY],
  ['snapshot.verify.uses', SCRIPTS_ONLY],
  ['snapshot.verify.with', 'give values to a script through "env"'],
]);
