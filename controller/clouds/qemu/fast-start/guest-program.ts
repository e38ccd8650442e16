/** Name of the port of the machine that the program in the guest listens on. */
export const PORT_NAME = 'footman.fast-start';

/**
 * What waits in a guest that is to be saved, as root. It gets two orders on its port, one line of JSON each, and answers each with a line.
 *
 * `quiet`: the guest forgets who it is. SSH is stopped, so no two machines ever answer with one host key; keys, cloud-init's state and the
 * journal go. `become`: the guest becomes a node's machine, and the program ends. Entropy comes first: what is made afterwards must differ in
 * each machine that starts from one state. RNDRESEEDCRNG makes the kernel use it at once, and not after its next minutes.
 */
export const GUEST_PROGRAM = String.raw`
import base64, fcntl, glob, json, os, pwd, re, shutil, signal, socket, struct, subprocess, time, uuid

RNDADDENTROPY, RNDRESEEDCRNG = 0x40085203, 0x5207
SSH_UNITS = ['ssh.socket', 'sshd.socket', 'ssh.service', 'sshd.service']
port = os.open('/dev/virtio-ports/${PORT_NAME}', os.O_RDWR)

def receive():
    text = b''
    while not text.endswith(b'\n'):
        part = os.read(port, 65536)
        if not part:
            time.sleep(0.02)
        text += part
    return json.loads(text)

def answer(value):
    text = json.dumps(value).encode() + b'\n'
    while text:
        text = text[os.write(port, text):]

def run(*words):
    return subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode

def write(path, text, mode, owner=None):
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), 'w') as file:
        os.fchmod(file.fileno(), mode)
        if owner is not None:
            os.fchown(file.fileno(), owner.pw_uid, owner.pw_gid)
        file.write(text)

def remove(*patterns):
    for path in {each for pattern in patterns for each in glob.glob(pattern)}:
        if os.path.isdir(path) and not os.path.islink(path):
            shutil.rmtree(path, ignore_errors=True)
        else:
            os.unlink(path)

def end_logins():
    for each in glob.glob('/proc/[0-9]*/exe'):
        try:
            if os.path.basename(os.readlink(each)).startswith('sshd'):
                os.kill(int(each.split('/')[2]), signal.SIGKILL)
        except OSError:
            pass

def be_quiet(order):
    units = [unit for unit in SSH_UNITS if run('systemctl', 'is-active', '--quiet', unit) == 0]
    run('systemctl', 'stop', *units)
    end_logins()
    home = pwd.getpwnam(order['user']).pw_dir
    remove('/etc/ssh/ssh_host_*', home + '/.ssh/authorized_keys', '/root/.ssh/authorized_keys', '/home/*/.ssh/authorized_keys')
    remove('/var/lib/cloud/*', '/run/cloud-init/*', '/var/log/cloud-init*', '/tmp/*', '/var/tmp/*', home + '/.*_history')
    if not order['sudo']:
        remove('/etc/sudoers.d/90-cloud-init-users')
    run('journalctl', '--rotate')
    run('journalctl', '--vacuum-time=1s')
    os.sync()
    run('fstrim', '-a')
    return units

def become(order, units):
    entropy = base64.b64decode(order['entropy'])
    with open('/dev/urandom', 'wb', buffering=0) as random:
        random.write(entropy)
        fcntl.ioctl(random, RNDADDENTROPY, struct.pack('ii', 8 * len(entropy), len(entropy)) + entropy)
        fcntl.ioctl(random, RNDRESEEDCRNG)
    time.clock_settime(time.CLOCK_REALTIME, order['seconds'])
    machine_id = uuid.uuid4().hex
    write('/etc/machine-id', machine_id + '\n', 0o444)
    was = socket.gethostname()
    socket.sethostname(order['hostname'])
    write('/etc/hostname', order['hostname'] + '\n', 0o644)
    hosts = open('/etc/hosts').read()
    write('/etc/hosts', re.sub(r'(?<![\w.-])' + re.escape(was) + r'(?![\w.-])', order['hostname'], hosts), 0o644)
    write('/etc/ssh/ssh_host_ed25519_key', order['hostKey']['privateKey'], 0o600)
    write('/etc/ssh/ssh_host_ed25519_key.pub', order['hostKey']['publicKey'] + '\n', 0o644)
    owner = pwd.getpwnam(order['user'])
    folder = owner.pw_dir + '/.ssh'
    os.makedirs(folder, 0o700, exist_ok=True)
    os.chown(folder, owner.pw_uid, owner.pw_gid)
    write(folder + '/authorized_keys', order['authorizedKey'] + '\n', 0o600, owner)
    os.unlink(__file__)
    if run('systemctl', 'start', '--no-block', *units) != 0:
        raise OSError('SSH can not be started')
    return {'hostname': socket.gethostname(), 'machineId': machine_id, 'seconds': time.time()}

try:
    units = be_quiet(receive())
    answer({'units': units})
    answer(become(receive(), units))
except Exception as error:
    answer({'error': repr(error)})
`;

/** Starts the program in the guest, from a login that may become root. Ends when the guest has settled and the program waits. */
export const START_GUEST_PROGRAM = `
set -e
as_root=sudo
[ "$(id -u)" != 0 ] || as_root=env
timeout 120 systemctl is-system-running --wait >/dev/null || :
command -v python3 >/dev/null || { echo 'there is no python3' >&2; exit 1; }
$as_root modprobe virtio_console || :
$as_root sh -c 'umask 077; mkdir -p /run/footman; cat > /run/footman/fast-start.py' <<'PROGRAM'
${GUEST_PROGRAM}
PROGRAM
$as_root systemd-run --quiet --collect --unit=footman-fast-start python3 /run/footman/fast-start.py
tries=0
until $as_root systemctl is-active --quiet footman-fast-start && [ -e '/dev/virtio-ports/${PORT_NAME}' ]; do
  tries=$((tries + 1))
  [ "$tries" -lt 50 ] || { echo 'the machine has no port for its orders' >&2; exit 1; }
  sleep 0.1
done
`;
