export const HOLD_HELP = `
The job is BUILD/JOB, its id, or a build that has only one; it may wait or run. Your registered keys (\`footman key\`) are let in by
themselves. A job that has ended is held by a rerun: \`footman rerun BUILD --hold\`.

Examples:
  footman hold 12/test
  footman hold 12/test --for 8h --reason 'it hangs now and then' --key ~/.ssh/id_ed25519.pub
  footman hold ls`;

export const LS_HELP = `
Examples:
  footman hold ls
  footman hold ls --owner alice
  footman --json hold ls --all | jq -r '.holds[] | [.id, .state, .outcome] | @tsv'`;

export const SHOW_HELP = `
Examples:
  footman hold show HOLD
  footman --json hold show HOLD | jq -r .access.bastion`;

export const SHELL_HELP = `
The shell starts in the job's workspace with the environment of the step that failed; \`footman-rerun\` repeats that step. One word after
-- is a line of the node's shell, several are the words of one command. The exit code is the command's.

Examples:
  footman hold shell HOLD
  footman hold shell HOLD -- footman-rerun
  footman hold shell HOLD -- 'cd build && make 2>&1 | tail'`;

export const EXTEND_HELP = `
Never beyond the maximum of the configuration, which counts from the beginning.

Example:
  footman hold extend HOLD --for 2h`;

export const RELEASE_HELP = `
Whoever is on the node is cut off, its keys are gone, and the node goes.

Example:
  footman hold release HOLD`;

export const ADD_KEY_HELP = `
It opens the controller's SSH server for this hold, and the node's own sshd where it runs one.

Examples:
  footman hold add-key HOLD --key ~/.ssh/id_ed25519.pub
  ssh-add -L | footman hold add-key HOLD --key -
  footman hold add-key HOLD --key bob.pub --user builder`;

export const REVOKE_KEY_HELP = `
By its id or its fingerprint, as \`hold show\` lists them. What it has open is cut off.

Example:
  footman hold revoke-key HOLD SHA256:2s…`;

export const SNAPSHOT_HELP = `
No template uses the image. \`hold resume\` starts it again, and \`image export\` makes a file of it.

Examples:
  footman hold snapshot HOLD
  footman hold resume HOLD
  footman image export "$(footman --json hold show HOLD | jq -r .snapshot.version)"`;

export const RESUME_HELP = `
It is a build of its own, with a hold of its own: keys of the first one do not come along.

Examples:
  footman hold resume HOLD
  footman hold resume HOLD --for 1d --key ~/.ssh/id_ed25519.pub`;

export const SESSIONS_HELP = `
Example:
  footman hold sessions HOLD`;

export const RECORDING_HELP = `
There is one of each terminal where the configuration says \`recording: terminals\`. Secrets in it are masked.

Example:
  footman hold recording HOLD SESSION -o session.cast`;
