import { FIND_NODE, NAP, TELL } from './common.ts';

/** sun_path of unix(7) holds 108 bytes with the end. */
const LONGEST_SOCKET_PATH = 107;

/**
 * Starts the agent in a session of its own, so that it outlives the login, and notes it. Its standard input is this script's: one line. It
 * is started by a file, since a shell that reads its script from there would swallow the line. Arguments: node, command of the agent.
 */
const LAUNCH = `
folder=\${0%/*} FOOTMAN_NODE_ID=$1 program=$2
shift
export FOOTMAN_NODE_ID
cd "$folder" || exit
${NAP}
unset SSH_CLIENT SSH_CONNECTION SSH_TTY SSH_AUTH_SOCK SSH_ORIGINAL_COMMAND
exec 3<&0
setsid "$@" <&3 3<&- >console 2>&1 &
pid=$!
exec 3<&-
while [ -r "/proc/$pid/stat" ] && read -r stat <"/proc/$pid/stat"; do
  set -- \${stat##*) }
  [ "$1" != Z ] || break
  words=
  read -r words <"/proc/$pid/cmdline" 2>/dev/null
  case $words in "$program"*)
    echo "$pid \${20} $(cat /proc/sys/kernel/random/boot_id)" >agent.new && mv agent.new agent
    exit
    ;;
  esac
  nap
done
tail -c 2000 console >&2
exit 1
`;

/** Says where the tunnel's socket is to be, in a folder of its own where the path is too long for a socket, and how the agent is started. */
const FURNISH = `
furnish() {
  place=$folder/tunnel
  if [ "\${#place}" -gt ${LONGEST_SOCKET_PATH} ]; then place=$(mktemp -d /tmp/footman-tunnel-XXXXXX)/tunnel || return; fi
  printf '%s\\n' "$place" >"$1/place" || return
  cat >"$1/launch" <<'LAUNCH'
${LAUNCH}
LAUNCH
}
`;

/** Makes the node's folder, which appears at once with its owner in it. Arguments: controller, node, milliseconds since the epoch. */
export const PREPARE_NODE = `
controller=$1 node=$2 created=$3
${TELL}${FIND_NODE}${FURNISH}
umask 077
new=$base/nodes/.new-$node
(umask 022 && mkdir -p "$base/nodes") && rm -rf "$new" && mkdir "$new" || exit
printf '%s\\n%s\\n' "$controller" "$created" >"$new/controller" || exit
furnish "$new" || exit
[ ! -e "$folder" ] && mv "$new" "$folder" || exit
tell folder "$folder"
tell place "$place"
`;

/** Makes the folder of a node whose machine was restarted fit for its next agent; what its steps made stays. Arguments: controller, node. */
export const RENEW_NODE = `
controller=$1 node=$2
${TELL}${FIND_NODE}${FURNISH}
umask 077
[ "$owner" = "$controller" ] || { say "$folder is gone"; exit 1; }
rm -f "$folder/agent" "$folder/tunnel" && furnish "$folder" || exit
tell folder "$folder"
tell place "$place"
`;
