import { FIND_NODE, IS_RUNNING, MARK, TELL } from './common.ts';

/** Tells of each node when it was made, and how many there are: a list that was cut short is none. Arguments: controller. */
export const LIST_NODES = `
controller=$1
${TELL}
count=0
for each in "$base"/nodes/*/controller; do
  [ -f "$each" ] || continue
  { read -r owner && read -r created; } <"$each" || continue
  [ "$owner" = "$controller" ] || continue
  each=\${each%/controller}
  tell "node-\${each##*/}" "$created"
  count=$((count + 1))
done
tell count "$count"
`;

/** SIGTERM to the agent. Arguments: controller, node. */
export const STOP_AGENT = `
controller=$1 node=$2
${FIND_NODE}${IS_RUNNING}
[ "$owner" = "$controller" ] && is_running && kill -TERM "$pid"
exit 0
`;

/** Arguments: controller, node, most bytes. */
export const READ_CONSOLE = `
controller=$1 node=$2
${FIND_NODE}
[ "$owner" = "$controller" ] && [ -f "$folder/console" ] || exit 0
echo '${MARK}'
tail -c "$3" "$folder/console"
`;

/** Makes room for the tunnel's socket, which the last connection may have left, and tells where it is. Arguments: controller, node. */
export const REOPEN_TUNNEL = `
controller=$1 node=$2
${TELL}${FIND_NODE}
[ "$owner" = "$controller" ] && read -r place <"$folder/place" || exit
case $place in
  "$folder/tunnel") ;;
  /tmp/footman-tunnel-??????/tunnel) [ -O "\${place%/tunnel}" ] || exit ;;
  *) exit 1 ;;
esac
rm -f "$place" || exit
tell place "$place"
`;
