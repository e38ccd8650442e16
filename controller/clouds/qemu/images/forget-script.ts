/** What the script ends with where the login can't become root. */
const NOT_ALLOWED = 'the login may not become root';

/**
 * Lets the machine forget who it is, as root: the next machine from its disk makes an identity of its own. What is deleted is given back
 * block by block at the end (`fstrim`), so that nothing of it is in the image; the power is cut soon after.
 */
export const FORGET = `
if [ "$(id -u)" = 0 ]; then as_root=env; else as_root='sudo -n'; fi
$as_root true 2>/dev/null || { echo '${NOT_ALLOWED}' >&2; exit 1; }
$as_root sh -eu <<'SCRIPT'
set +e
rm -rf /opt/footman /home/*/.footman /root/.footman
rm -f /etc/ssh/ssh_host_* /root/.ssh/authorized_keys /home/*/.ssh/authorized_keys
rm -f /etc/sudoers.d/90-cloud-init-users
rm -rf /var/lib/cloud/* /var/log/cloud-init* /etc/systemd/network/10-cloud-init-* /etc/netplan/50-cloud-init.yaml
rm -f /var/lib/systemd/random-seed /var/lib/systemd/credential.secret /var/lib/dbus/machine-id
: >/etc/machine-id
rm -f /root/.*history /home/*/.*history /root/.lesshst /home/*/.lesshst
rm -rf /tmp/* /tmp/.[!.]* /var/tmp/* /var/tmp/.[!.]*
systemctl stop systemd-journald.socket systemd-journald-dev-log.socket systemd-journald.service 2>/dev/null
rm -rf /var/log/journal/*
for log in /var/log/wtmp /var/log/btmp /var/log/lastlog /var/log/auth.log /var/log/syslog; do
  [ ! -e "$log" ] || : >"$log"
done
# Seals the journal of the file system too, where it may.
sync
fstrim -a || exit
sync
SCRIPT
`;
