"""OpenStack Keystone on an SQLite database: `serve.py FOLDER PORT`.

Does in one process what `keystone-manage` and a web server do in many, each of which takes seconds to start.
The administrator's password is the environment's KEYSTONE_PASSWORD. Prints `ready` when it listens.
"""

import base64
import os
import sqlite3
import sys
from wsgiref import simple_server

folder, port = sys.argv[1], int(sys.argv[2])
conf = os.path.join(folder, "keystone.conf")

with open(conf, "w") as file:
    file.write(
        f"""[DEFAULT]
log_file = {folder}/keystone.log
[database]
connection = sqlite:///{folder}/keystone.db
[fernet_tokens]
key_repository = {folder}/fernet
[credential]
key_repository = {folder}/credential
[identity]
password_hash_rounds = 4
[cache]
enabled = false
"""
    )

for repository in ("fernet", "credential"):
    os.mkdir(os.path.join(folder, repository), 0o700)
    for number in ("0", "1"):
        with open(os.path.join(folder, repository, number), "wb") as file:
            file.write(base64.urlsafe_b64encode(os.urandom(32)))

from keystone.cmd import cli
from keystone.server.wsgi import initialize_public_application

url = f"http://127.0.0.1:{port}/v3"
bootstrap = ["--bootstrap-password", os.environ["KEYSTONE_PASSWORD"], "--bootstrap-region-id", "RegionOne"]
for interface in ("public", "internal", "admin"):
    bootstrap += [f"--bootstrap-{interface}-url", url]

# Each command wants a process of its own: one that has everything loaded already.
for command in (["db_sync"], ["bootstrap", *bootstrap]):
    child = os.fork()
    if child == 0:
        cli.main(argv=["keystone-manage", "--config-file", conf, *command])
        os._exit(0)
    if os.waitpid(child, 0)[1] != 0:
        sys.exit(f"keystone-manage {command[0]} failed; see {folder}/keystone.log")

# Who still reads must not keep others from writing.
sqlite3.connect(f"{folder}/keystone.db").execute("pragma journal_mode = wal").close()

os.environ["OS_KEYSTONE_CONFIG_FILES"] = conf
os.environ["OS_KEYSTONE_CONFIG_DIR"] = folder
sys.argv = sys.argv[:1]


class Handler(simple_server.WSGIRequestHandler):
    def log_message(self, *_):
        pass


# One request at a time: SQLite knows one writer.
application = initialize_public_application()
server = simple_server.make_server("127.0.0.1", port, application, handler_class=Handler)
print("ready", flush=True)
server.serve_forever()
