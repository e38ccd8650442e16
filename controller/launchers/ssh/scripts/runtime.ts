import { FREE, TELL } from './common.ts';

/**
 * Makes a folder for the upload and removes what uploads that were cut short have left. Arguments: controller, name of the folder, needed
 * KiB.
 */
export const PREPARE_UPLOAD = `
controller=$1 name=$2 needed=$3
${TELL}${FREE}
for program in tar gzip setsid; do
  command -v "$program" >/dev/null 2>&1 || tell missing "$program"
done
rm -rf "$base/runtime/.new-$controller-"*
free=$(free_at "$base/runtime")
tell free "\${free:-unknown}"
[ "\${free:-$needed}" -ge "$needed" ] || exit 0
aside=$base/runtime/$name
mkdir -p "$aside" || exit
tell aside "$aside"
printf '#!/bin/sh\\nexit 0\\n' >"$aside/try" && chmod 700 "$aside/try" || exit
"$aside/try" 2>/dev/null || tell noexec "$base"
rm "$aside/try"
`;

/** Arguments: the upload's folder. Tells the free KiB before and after. */
export const REMOVE_UPLOAD = `
${TELL}${FREE}
tell before "$(free_at "$base/runtime")"
case $1 in "$base/runtime/.new-"*) rm -rf "$1" ;; esac
tell after "$(free_at "$base/runtime")"
`;

/** A runtime that no agent was started from for so long was that of another version. */
const UNUSED_DAYS = 30;

/** Arguments: the upload's folder, the archive's SHA-256, the runtime's digest. Whatever bears the digest as its name is whole, also after a power cut. */
export const UNPACK = `
aside=$1 sum=$2 digest=$3
${TELL}
cd "$aside" || exit
found=$( (sha256sum archive || busybox sha256sum archive || openssl dgst -sha256 -r archive) 2>/dev/null)
if [ "\${found%% *}" != "$sum" ]; then tell digest "\${found%% *}"; exit 0; fi
mkdir "$digest" || exit
gzip -dc archive | (cd "$digest" && tar xpf -) || exit
sync "$digest"/* "$digest"/*/* 2>/dev/null || sync
mv "$digest" "$base/runtime/" || [ -d "$base/runtime/$digest" ] || exit
cd /
rm -rf "$aside"
find "$base/runtime" -mindepth 1 -maxdepth 1 -mtime +${UNUSED_DAYS} -exec rm -rf {} +
tell runtime "$base/runtime/$digest"
`;
