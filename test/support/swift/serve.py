"""All of OpenStack Swift in one process: `serve.py FOLDER`, where `etc` has its configuration.

Swift's own programs each run one of its servers; a test needs all four, at once and cheaply.
Prints `ready` when it listens.
"""

import json
import os
import sys
import time

import eventlet
import eventlet.wsgi

eventlet.monkey_patch()
# Times of Swift are UTC.
os.environ["TZ"] = "UTC+0"
time.tzset()

folder = sys.argv[1]
etc = os.path.join(folder, "etc")

# Swift reads swift.conf from a fixed place unless told before anything else is loaded.
import swift.common.utils as utils

utils.SWIFT_CONF_FILE = "/nowhere/swift.conf"
utils.set_swift_dir(etc)

from swift.common import constraints, wsgi
from swift.common.ring import RingBuilder

constraints.reload_constraints()

# These data need not survive a crash of the machine.
os.fsync = os.fdatasync = lambda fd: None

SERVERS = ("account", "container", "object", "proxy")


def config_of(name):
    return os.path.join(etc, name + "-server.conf")


def bind():
    """A socket for each server: on free ports at first, and on the same ones ever after."""
    path = os.path.join(folder, "ports.json")
    ports = json.load(open(path)) if os.path.exists(path) else dict.fromkeys(SERVERS, 0)
    listeners = {name: eventlet.listen(("127.0.0.1", ports[name]), backlog=256) for name in SERVERS}
    with open(path, "w") as file:
        json.dump({name: listener.getsockname()[1] for name, listener in listeners.items()}, file)
    return listeners


def make_ring(name, port):
    """One copy of everything, on the one device there is."""
    path = os.path.join(etc, name + ".ring.gz")
    if os.path.exists(path):
        return
    builder = RingBuilder(4, 1, 0)
    builder.add_dev({"region": 1, "zone": 1, "ip": "127.0.0.1", "port": port, "device": "d1", "weight": 1})
    builder.rebalance()
    builder.get_ring().save(path)


listeners = bind()
for name in SERVERS[:-1]:
    make_ring(name, listeners[name].getsockname()[1])

running = []
for name in SERVERS:
    conf, _, log_name = wsgi._initrp(config_of(name), name + "-server")
    app = wsgi.loadapp(conf["__file__"], global_conf={"log_name": log_name})
    # As Swift's own `run_server` does, which wants a process for itself.
    options = {
        "protocol": wsgi.SwiftHttpProtocol,
        "socket_timeout": 60.0,
        "capitalize_response_headers": False,
    }
    running.append(eventlet.spawn(eventlet.wsgi.server, listeners[name], app, utils.NullLogger(), **options))

print("ready", flush=True)
for server in running:
    server.wait()
