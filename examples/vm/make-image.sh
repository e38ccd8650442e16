#!/bin/bash
# Makes a bootable Debian 12 cloud image from Debian's packages alone: BIOS, GRUB, ext4, serial console, cloud-init (NoCloud, ConfigDrive,
# OpenStack), OpenSSH. No loop device and no mount is needed, so it also runs in a container; it needs root to unpack the packages.
set -euo pipefail

usage() {
  cat <<'TEXT'
usage: make-image.sh OUT.qcow2 [PACKAGE,PACKAGE…]

Writes the image aside and renames it, so that OUT.qcow2 is whole or not there. The packages named are installed beside what every node
needs. From the environment:
  SIZE    of the disk, as truncate takes it; 2G unless given. A node's disk may be larger: its file system grows at the first boot.
  TMPDIR  where the system is laid out before it becomes an image, a few times as large as that; /tmp unless given.
  MIRROR  where Debian's packages come from; http://deb.debian.org/debian unless given.
TEXT
}

refuse() {
  printf 'make-image.sh: %s\n' "$1" >&2
  exit 1
}

case "${1:-}" in
  '' | -h | --help)
    usage
    exit $(($# == 0 ? 2 : 0))
    ;;
esac
[ $# -le 2 ] || { usage >&2; exit 2; }

out=$(realpath -m "$1")
extra=${2:-}
size=${SIZE:-2G}
mirror=${MIRROR:-http://deb.debian.org/debian}
grub=/usr/lib/grub/i386-pc

[ "$(id -u)" = 0 ] || refuse 'it has to run as root, which owns the files of a system'
PATH=$PATH:/usr/sbin:/sbin
missing=()
for each in mmdebstrap:mmdebstrap qemu-img:qemu-utils sfdisk:fdisk mkfs.ext4:e2fsprogs grub-mkimage:grub-common; do
  command -v "${each%%:*}" > /dev/null || missing+=("${each##*:}")
done
[ -f "$grub/boot.img" ] || missing+=(grub-pc-bin)
if [ "${#missing[@]}" -gt 0 ]; then
  refuse "what it needs is not installed: apt-get install -y --no-install-recommends ${missing[*]}"
fi

mkdir -p "$(dirname "$out")"
work=$(mktemp -d -t make-image-XXXXXX)
aside=$(mktemp "$out.making-XXXXXX")
trap 'rm -rf "$work" "$aside"' EXIT

# Before the kernel is installed: so its initrd is made once, small and quick to unpack. What holds a seed (virtio disk, IDE CD-ROM) has to
# be in it: cloud-init looks for its source before other modules are loaded.
cat > "$work/before.sh" <<'HOOK'
set -e
mkdir -p "$1/etc/initramfs-tools/conf.d" "$1/etc/initramfs-tools/hooks"
printf 'MODULES=list\nCOMPRESS=lz4\n' > "$1/etc/initramfs-tools/conf.d/virtual-machine"
cat > "$1/etc/initramfs-tools/hooks/virtual-machine" <<'X'
#!/bin/sh
[ "$1" = prereqs ] && exit 0
. /usr/share/initramfs-tools/hook-functions
manual_add_modules virtio_pci virtio_blk virtio_scsi virtio_net virtio_rng ext4 sd_mod ata_piix ahci sr_mod isofs
X
chmod +x "$1/etc/initramfs-tools/hooks/virtual-machine"
HOOK

cat > "$work/after.sh" <<'HOOK'
set -e
cd "$1"
# Without a check at each boot: the journal mends what a power cut left.
echo 'LABEL=root / ext4 defaults,noatime,errors=remount-ro 0 0' > etc/fstab
echo debian > etc/hostname
printf '127.0.0.1 localhost\n::1 localhost\n' > etc/hosts

# A network that answers DHCP is the default; what cloud-init writes goes before it. Copies of one machine differ by their network card.
printf '[Match]\nName=e*\n[Network]\nDHCP=ipv4\nIPv6AcceptRA=no\n' > etc/systemd/network/90-default.network
mkdir -p etc/systemd/networkd.conf.d
printf '[DHCPv4]\nDUIDType=link-layer\n' > etc/systemd/networkd.conf.d/identity.conf

# Only the modules that a node needs: each one costs time, most of all where no KVM is.
cat > etc/cloud/cloud.cfg.d/90-node.cfg <<'X'
datasource_list: [NoCloud, ConfigDrive, OpenStack, None]
datasource:
  OpenStack: {max_wait: 30, timeout: 5, retries: 3}
system_info:
  network: {renderers: [networkd]}
  default_user: {name: debian, sudo: ["ALL=(ALL) NOPASSWD:ALL"], shell: /bin/bash, lock_passwd: true}
manage_etc_hosts: true
preserve_hostname: false
apt_preserve_sources_list: true
cloud_init_modules: [seed_random, bootcmd, write-files, growpart, resizefs, set_hostname, update_etc_hosts, users-groups, ssh]
cloud_config_modules: [runcmd]
cloud_final_modules: [write-files-deferred, scripts-user]
ssh_genkeytypes: [ed25519]
ssh_publish_hostkeys: {enabled: false}
no_ssh_fingerprints: true
X

# A machine that is killed soon after its first boot must not keep empty host keys: they are on the disk before sshd answers.
mkdir -p etc/systemd/system/ssh.service.d
printf '[Service]\nExecStartPre=/bin/sync\n' > etc/systemd/system/ssh.service.d/sync.conf

chroot . systemctl -q enable systemd-networkd.service ssh.service serial-getty@ttyS0.service
for unit in apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer e2scrub_reap.service fstrim.timer \
  systemd-timesyncd.service systemd-networkd-wait-online.service; do
  chroot . systemctl -q disable "$unit" 2> /dev/null || true
done
for unit in systemd-networkd-wait-online.service getty@tty1.service systemd-binfmt.service sys-kernel-debug.mount \
  sys-kernel-tracing.mount sys-kernel-config.mount sys-fs-fuse-connections.mount dev-mqueue.mount dev-hugepages.mount \
  modprobe@.service systemd-pstore.service; do
  ln -sf /dev/null "etc/systemd/system/$unit"
done

# The links /vmlinuz and /initrd.img name the newest kernel: a job that installs one and restarts the machine runs on it.
# A node serves one job, which owns all of it: nothing in it has to be kept from its own processes by slow means.
mkdir -p boot/grub
cat > boot/grub/grub.cfg <<'X'
set timeout=0
linux /vmlinuz root=LABEL=root ro console=tty0 console=ttyS0,115200 net.ifnames=0 no_timer_check mitigations=off random.trust_cpu=on fsck.mode=skip quiet
initrd /initrd.img
boot
X

# A processor's own modules (KVM, quicker ciphers) are loaded by name where they are wanted: each tests itself first, for seconds where no KVM is.
sed -n 's/^alias cpu:type.* /blacklist /p' lib/modules/*/modules.alias | sort -u > etc/modprobe.d/processor.conf

# Every machine makes its own of these.
rm -f etc/ssh/ssh_host_*
: > etc/machine-id
rm -f var/lib/dbus/machine-id
rm -rf var/lib/apt/lists/* var/cache/apt/*.bin var/log/*.log var/log/apt/* var/log/journal
HOOK

needed=systemd-sysv,dbus,udev,linux-image-cloud-amd64,initramfs-tools,lz4,cloud-init,cloud-guest-utils,fdisk,e2fsprogs
needed=$needed,openssh-server,sudo,iproute2,ca-certificates,curl,git,procps
mmdebstrap --quiet --variant=minbase --mode=root --include="$needed${extra:+,$extra}" \
  --aptopt='Acquire::Languages "none"' \
  --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
  --essential-hook="sh $work/before.sh \"\$1\"" --customize-hook="sh $work/after.sh \"\$1\"" \
  bookworm "$work/root" "$mirror"

# One partition behind the first MiB, in which GRUB lives: its first sector is the boot record, the rest follows it.
truncate -s "$size" "$work/disk"
echo '2048,,L,*' | sfdisk -q "$work/disk"
grub-mkimage -O i386-pc -o "$work/core.img" -p '(hd0,msdos1)/boot/grub' biosdisk part_msdos ext2 normal linux boot
dd if="$grub/boot.img" of="$work/disk" bs=440 count=1 conv=notrunc status=none
dd if="$work/core.img" of="$work/disk" bs=512 seek=1 conv=notrunc status=none
blocks=$((($(stat -c %s "$work/disk") - 1048576) / 1024))
mkfs.ext4 -q -L root -b 4096 -E offset=1048576 -d "$work/root" "$work/disk" "${blocks}k"

chmod 644 "$aside"
qemu-img convert -O qcow2 "$work/disk" "$aside"
sync "$aside"
mv "$aside" "$out"
