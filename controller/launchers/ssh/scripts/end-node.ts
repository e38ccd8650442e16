import { FIND_NODE, NAP } from './common.ts';

/**
 * The processes of the node: those that bear its mark in their environment, those whose working or root directory is the node's, and all
 * their descendants. All are looked through by few programs; what a hostile process can make them say of others is checked one by one.
 */
const FIND_PROCESSES = `
candidates() {
  head -c 131072 /proc/[0-9]*/environ 2>/dev/null | tr '\\000' '\\n' |
    sed -n -e '/^==> .proc.[0-9]*.environ <==$/h' -e "/^FOOTMAN_NODE_ID=$node\\$/{x;p;x;}" | sed 's/[^0-9]//g'
  ls -l /proc/[0-9]*/cwd /proc/[0-9]*/root 2>/dev/null | awk '
    { at = index($0, " -> "); to = substr($0, at + 4) "/"; from = substr($0, 1, at - 1) }
    index(to, ENVIRON["folder"] "/") == 1 { sub(/^.* .proc./, "", from); sub(/[^0-9].*/, "", from); print from }'
}
is_ours() {
  tr '\\000' '\\n' 2>/dev/null <"/proc/$1/environ" | grep -qx "FOOTMAN_NODE_ID=$node" && return 0
  for link in cwd root; do
    case "$(readlink "/proc/$1/$link" 2>/dev/null)/" in "$folder"/*) return 0 ;; esac
  done
  return 1
}
processes() {
  roots=
  for each in $(candidates | sort -u); do
    if is_ours "$each" 2>/dev/null; then roots="$roots $each"; fi
  done
  [ -n "$roots" ] || return 0
  cat /proc/[0-9]*/stat 2>/dev/null | awk -v roots="$roots" -v self="$$" '
    { pid = $1; sub(/^.*\\) /, "") }
    $1 != "Z" && $1 != "X" && pid != 1 && pid != self { parent[pid] = $2 }
    END {
      count = split(roots, root, " ")
      for (i = 1; i <= count; i++) if (root[i] in parent) found[root[i]] = 1
      do {
        more = 0
        for (pid in parent) if (!(pid in found) && parent[pid] in found) { found[pid] = 1; more = 1 }
      } while (more)
      for (pid in found) print pid
    }'
}
`;

/**
 * The agent goes last, and stopped before: it is the parent of what its steps leave behind, and of what is left by a step that became root,
 * which bears no mark.
 */
const END_PROCESSES = `
agent=
if [ -f "$folder/agent" ]; then read -r agent _ <"$folder/agent" || :; fi
tries=0
while :; do
  all=$(processes | tr '\\n' ' ')
  [ -n "$all" ] || break
  tries=$((tries + 1))
  if [ "$tries" -gt 40 ]; then say "processes do not end on SIGKILL: $all"; exit 1; fi
  others=
  for each in $all; do
    if [ "$each" = "$agent" ]; then kill -STOP "$each" 2>/dev/null; else others="$others $each"; fi
  done
  if [ "$tries" -gt 10 ]; then others=$all; fi
  for each in \${others:-$all}; do kill -KILL "$each" 2>/dev/null; done
  nap
done
`;

/** Mount points stand in mountinfo with octal escapes. The deepest come first. */
const UNMOUNT = `
mounts() {
  cut -d ' ' -f 5 /proc/self/mountinfo | grep -F "/$node" | sort -r | while read -r raw; do
    path=$(printf '%bx' "$(printf '%s' "$raw" | sed 's/\\\\\\([0-7][0-7][0-7]\\)/\\\\0\\1/g')")
    path=\${path%x}
    case $path/ in "$folder"/*) "$1" "$path" ;; esac
  done
}
unmount() { umount -l "$1" 2>/dev/null || fusermount -u -z "$1" 2>/dev/null; }
mounts unmount
left=$(mounts echo)
if [ -n "$left" ]; then say "what is mounted there can't be unmounted: $left"; exit 1; fi
`;

/**
 * Keys of a hold whose agent was dead when it ended: sshd refuses them from the hold's expiry on, and they open nothing before that. Only of the
 * account that this runs as, whose file is nobody else's to redirect; a host has one node at a time, so that no other node's are there.
 */
const REMOVE_KEYS = `
keys=$HOME/.ssh/authorized_keys
if [ -f "$keys" ] && [ ! -L "$keys" ] && grep -q ' footman-hold-[0-9a-z]*$' "$keys"; then
  rest=$(umask 077; mktemp "$keys.XXXXXX") &&
    { grep -v ' footman-hold-[0-9a-z]*$' "$keys" >"$rest" || [ $? = 1 ]; } && mv -f "$rest" "$keys" || rm -f "$rest"
fi
`;

/** The owner goes last, so that a removal that was cut short can be found and finished. */
const REMOVE = `
remove() {
  rm -rf "$1" 2>/dev/null && return
  chmod -R u+rwx "$1" 2>/dev/null
  rm -rf "$1"
}
if [ -f "$folder/place" ]; then
  read -r place <"$folder/place" || place=
  aside=\${place%/tunnel}
  case \${aside#/tmp/} in
    */*) ;;
    footman-tunnel-??????) rm -f "$place"; rmdir "$aside" ;;
  esac
fi
for each in "$folder"/* "$folder"/.[!.]* "$folder"/..?*; do
  [ "$each" = "$folder/controller" ] || remove "$each" || exit
done
remove "$folder" && remove "$base/nodes/.new-$node"
`;

/** Finds the node, and ends its processes: one whose folder is gone may still have some. Arguments: controller, node. */
export const END_NODE_PROCESSES = `
controller=$1 node=$2
${FIND_NODE}${NAP}${FIND_PROCESSES}
if [ -e "$folder" ]; then
  [ "$owner" = "$controller" ] || exit 0
  folder=$(cd "$folder" && pwd -P) || exit
fi
export folder
${END_PROCESSES}
`;

/** Arguments: controller, node. */
export const END_NODE = `
${END_NODE_PROCESSES}
if [ ! -e "$folder" ]; then rm -rf "$base/nodes/.new-$node"; exit; fi
${REMOVE_KEYS}${UNMOUNT}${REMOVE}
`;
