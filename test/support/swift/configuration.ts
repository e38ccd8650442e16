/** Swift gives its parts half a second, and turns away from one that was slow a few times: not what a busy machine should be tested with. */
const PATIENCE = `conn_timeout = 30
node_timeout = 60
recoverable_node_timeout = 60
error_suppression_limit = 1000000
`;

/** Whom TempAuth knows. S3 takes `account:user` as its access key. */
export const SWIFT_LOGIN = { user: 'test:tester', key: 'testing' };

/** The files of `etc`, by name. `memcached` is its port on loopback; `keystone` is the URL of one that also knows users; null for TempAuth alone. */
export function swiftConfiguration(
  folder: string,
  memcached: number,
  keystone: { url: string; password: string } | null,
): Record<string, string> {
  return {
    'swift.conf': '[swift-hash]\nswift_hash_path_suffix = test\nswift_hash_path_prefix = test\n',
    'proxy-server.conf': proxy(folder, memcached, keystone),
    ...Object.fromEntries(
      (['account', 'container', 'object'] as const).map((name) => [
        `${name}-server.conf`,
        backend(folder, name),
      ]),
    ),
  };
}

function proxy(
  folder: string,
  memcached: number,
  keystone: { url: string; password: string } | null,
): string {
  const alsoKeystone = keystone === null ? '' : 'authtoken keystoneauth ';
  return `[DEFAULT]
swift_dir = ${folder}/etc
log_level = ERROR
[pipeline:main]
pipeline = catch_errors gatekeeper healthcheck cache listing_formats bulk tempurl ${alsoKeystone}s3api tempauth copy container-quotas slo dlo proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
${PATIENCE}allow_account_management = true
[filter:tempauth]
use = egg:swift#tempauth
user_test_tester = testing .admin
user_test_reader = reading
user_other_other = others .admin
[filter:s3api]
use = egg:swift#s3api
location = us-east-1
[filter:cache]
use = egg:swift#memcache
memcache_servers = 127.0.0.1:${memcached}
connect_timeout = 30
io_timeout = 30
pool_timeout = 30
error_suppression_limit = 1000000
[filter:tempurl]
use = egg:swift#tempurl
allowed_digests = sha256
[filter:slo]
use = egg:swift#slo
[filter:container-quotas]
use = egg:swift#container_quotas
${['bulk', 'dlo', 'copy', 'catch_errors', 'gatekeeper', 'healthcheck', 'listing_formats'].map((name) => `[filter:${name}]\nuse = egg:swift#${name}\n`).join('')}
${keystone === null ? '' : keystoneFilters(keystone, memcached)}`;
}

function keystoneFilters({ url, password }: { url: string; password: string }, memcached: number): string {
  return `[filter:authtoken]
paste.filter_factory = keystonemiddleware.auth_token:filter_factory
www_authenticate_uri = ${url}
auth_url = ${url}
auth_type = password
username = admin
password = ${password}
project_name = admin
user_domain_id = default
project_domain_id = default
memcached_servers = 127.0.0.1:${memcached}
delay_auth_decision = true
cache = swift.cache
[filter:keystoneauth]
use = egg:swift#keystoneauth
reseller_prefix = KEY
operator_roles = member
`;
}

function backend(folder: string, name: string): string {
  return `[DEFAULT]
swift_dir = ${folder}/etc
devices = ${folder}/devices
mount_check = false
fallocate_reserve = 0
recon_cache_path = ${folder}/cache
log_level = ERROR
[pipeline:main]
pipeline = ${name}-server
[app:${name}-server]
use = egg:swift#${name}
container_update_timeout = 30
${PATIENCE}`;
}
