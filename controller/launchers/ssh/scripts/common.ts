/** Begins what a script answers: a login's shell may say all sorts of things before. */
export const MARK = 'footman:';

/** Tells one thing by name. */
export const TELL = `
tell() { printf '${MARK}%s=%s\\n' "$1" "$2"; }
`;

/** Sets `folder` to the node's, and `owner` to the id of the controller that made it; empty where there is none. */
export const FIND_NODE = `
folder=$base/nodes/$node
owner=
if [ -f "$folder/controller" ]; then read -r owner <"$folder/controller" || :; fi
`;

/** Whether the agent that the node's folder notes runs: this process, in this boot. Sets `pid`. */
export const IS_RUNNING = `
is_running() {
  [ -f "$folder/agent" ] || return 1
  read -r pid start boot <"$folder/agent" || return 1
  case $pid in '' | *[!0-9]*) return 1 ;; esac
  [ "$boot" = "$(cat /proc/sys/kernel/random/boot_id)" ] || return 1
  [ -r "/proc/$pid/stat" ] && read -r stat <"/proc/$pid/stat" || return 1
  set -- \${stat##*) }
  [ "$1" != Z ] && [ "$1" != X ] && [ "\${20}" = "$start" ]
}
`;

/** Free KiB where the path is, or will be. */
export const FREE = `
free_at() {
  where=$1
  while [ ! -d "$where" ]; do where=\${where%/*}; [ -n "$where" ] || where=/; done
  df -Pk "$where" | sed -n '2s/^.* \\([0-9][0-9]*\\)  *[0-9][0-9]*% .*$/\\1/p'
}
`;

/** Not every `sleep` knows parts of a second. */
export const NAP = `
nap() { sleep 0.05 2>/dev/null || sleep 1; }
`;
