"""All of OpenStack Swift in one process: `serve.py FOLDER`, where `etc` has its configuration.

Swift's own programs each run one of its servers; a test needs all four, at once and cheaply.
Prints `ready` when it listens.
"""

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


def make_ring(name):
    """One copy of everything, on the one device there is."""
    path = os.path.join(etc, name + ".ring.gz")
    if os.path.exists(path):
        return
    port = int(wsgi.appconfig(config_of(name), name=name + "-server")["bind_port"])
    builder = RingBuilder(4, 1, 0)
    builder.add_dev({"region": 1, "zone": 1, "ip": "127.0.0.1", "port": port, "device": "d1", "weight": 1})
    builder.rebalance()
    builder.get_ring().save(path)


for name in SERVERS[:-1]:
    make_ring(name)

running = []
for name in SERVERS:
    conf, logger, log_name = wsgi._initrp(config_of(name), name + "-server")
    app = wsgi.loadapp(conf["__file__"], global_conf={"log_name": log_name})
    listener = eventlet.listen(("127.0.0.1", int(conf["bind_port"])), backlog=256)
    # As Swift's own `run_server` does, which wants a process for itself.
    options = {
        "protocol": wsgi.SwiftHttpProtocol,
        "socket_timeout": 60.0,
        "capitalize_response_headers": False,
    }
    running.append(eventlet.spawn(eventlet.wsgi.server, listener, app, utils.NullLogger(), **options))

print("ready", flush=True)
for server in running:
    server.wait()
