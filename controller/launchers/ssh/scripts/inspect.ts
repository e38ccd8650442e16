import { FIND_NODE, IS_RUNNING, TELL } from './common.ts';

/** Arguments: controller, node or nothing, digest of the runtime. */
export const INSPECT = `
controller=$1 node=$2 digest=$3
${TELL}${FIND_NODE}${IS_RUNNING}
tell system "$(uname -s)"
tell architecture "$(uname -m)"
if [ -z "$node" ] || [ ! -d "$folder" ]; then tell node none
elif [ "$owner" != "$controller" ]; then tell node foreign
elif is_running; then tell node running
else tell node left
fi
for place in "$base" /opt/footman; do
  [ -d "$place/runtime/$digest" ] || continue
  tell runtime "$place/runtime/$digest"
  touch "$place/runtime/$digest" 2>/dev/null
  break
done
`;

export const READ_BOOT = `
${TELL}
tell boot "$(cat /proc/sys/kernel/random/boot_id)"
`;
