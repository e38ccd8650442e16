import { expect, test } from 'vitest';
import { stringify } from 'yaml';
import { hideSecrets, loadConfiguration, toDocument, type Configuration } from './index.ts';

const HOST_KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBx0vWqMJHKb0cI5kPvnU4RkSxDfAm5bKSn3v6tWqW2z';

const EVERYTHING = `
data: /var/lib/footman
listen: '[::1]:8443'
public-url: https://ci.lab/
log-level: debug
timeouts: { launch: 1m1s, connect: 1ms, check: 2d, agent-lost: 3s, queue: 2h30m, cancel-grace: 0s, artifacts: 61s, uploads: 3h }
limits: { step-log: 3GiB, artifact-files: 7, artifact-bytes: 1001, cache-bytes: 5kB, report-bytes: 1MiB, test-cases: 9 }
logs: { archive-after: 5s }
retention:
  age: 90d
  at-least: 0
  at-most: 500
  rules: [{ branches: [release/*, '!release/0.*'], projects: ceph, at-least: 3 }]
  artifacts: 14d
  bytes: 2TiB
  interval: 1m
sweep: { interval: 7s, grace: 8m }
teardown: { max-stopped: 0, max-age: 1m, min-free-disk: 1GiB, min-free-memory: 1MiB, idle: 500ms, at-once: 3 }
images: { capture-timeout: 90s, roll-back-after: 2, prepared-disk: 40GiB }
holds:
  default: 61m
  maximum: 8d
  per-user: 2
  per-template: 1
  remind-before: 0s
  extend-on-use: 90s
  keep-snapshots: 1d
  webhook: { url: 'https://hooks.lab/holds', secret-env: HOLDS_KEY }
bastion: { listen: '[::]:22', host: ci.lab, idle-timeout: 5m, recording: terminals, keep-recordings: 2d }
shutdown: drain
secrets: { key-file: /etc/footman/keys }
clouds:
  local:
    kind: process
    max-nodes: 4
    max-cpus: 8.5
    max-memory: 16GiB
    launch-rate: { per-minute: 0.5, burst: 3 }
    reserve: { nodes: 1, priority: 90 }
    templates:
      host:
        labels: process "big one" "a,b"
        max-nodes: 3
        max-cpus: 7
        max-memory: 8GiB
        cpus: 1.5
        memory: 100kB
        weight: 7
        cost: 0.25
        min-ready: 2
        environment: { LANG: C.UTF-8 }
        pool:
          schedule: [{ days: fri-mon, from: '08:30', to: '24:00', time-zone: Europe/Zurich, min-ready: 3 }]
          learn: { cold-starts: 0.1, max-ready: 9 }
          max-ready-age: 12h
        checks:
          { disk: 1GiB, memory: 1MiB, clock: 2s, dns: [a.lab], reach: ['b.lab:22'], script: 'exit 0', timeout: 9s, every: 1h }
  docker:
    kind: docker
    host: tcp://engine:2376
    tls: { ca: /ca, cert: /cert, key: /key }
    registries: { docker.io: { username: me, password-env: DOCKER_PASSWORD } }
    templates:
      debian: { labels: docker, image: 'debian:bookworm', memory: 2GiB, cpus: 2, tmpfs: { /tmp: 64MiB }, shm-size: 1MiB }
      nightly: { labels: docker, stream: nightly }
  rack:
    kind: ssh
    user: ci
    key-env: RACK_KEY
    answer-timeout: 2s
    launch-timeout: 7m
    hosts:
      h1: { address: 'h1:2222', host-key: ['${HOST_KEY}'], reset: { command: [a, b], new-host-key: true, timeout: 1h1s } }
      h2: { address: h2, first-use: true, user: me, key-file: /key }
    reset: { reboot: true, script: 'exit 0' }
    templates: { metal: { labels: metal, hosts: [h1, h2] } }
  vms:
    kind: qemu
    power-off-grace: 1m1s
    templates:
      small: { labels: vm, image: /vm.qcow2, memory: 1500MiB, disk: 20GiB, fast-start: true, restrict: false }
      bridged: { labels: vm, image: /vm.qcow2, network: { bridge: br0, addresses: 10.0.0.10-10.0.0.50/24, dns: [10.0.0.1] } }
`;

const VARIABLES = { HOLDS_KEY: 'sesame', ACCESS: 'ci:footman', SECRET: 'sesame', KEY: 'sesame' };

function load(text: string): Promise<Configuration> {
  return loadConfiguration({ text, env: VARIABLES });
}

const KEYSTONE = "kind: keystone, url: 'https://keystone/v3'";
const STORAGES = [
  ['files', '{ kind: fs, folder: /srv/blobs }'],
  [
    'S3',
    `{ kind: s3, endpoint: 'https://s3.lab', region: r, bucket: abc, prefix: a/b/, path-style: false, access-key-env: ACCESS,
       secret-key-env: SECRET, session-token-env: KEY, encryption: AES256, public-endpoint: 'https://s3.example' }`,
  ],
  ['S3 of Amazon', '{ kind: s3, bucket: abc, encryption: { kms-key: k } }'],
  [
    'Swift',
    `{ kind: swift, auth: { kind: tempauth, url: 'http://swift/auth/v1.0', user: a:b, key-env: KEY }, container: c, prefix: a/,
       url-key-env: SECRET, public-endpoint: 'https://swift.example' }`,
  ],
  [
    'Swift with Keystone',
    `{ kind: swift, container: c, auth: { ${KEYSTONE}, region: r, interface: internal, user: u, user-domain: d, project: p,
       project-domain: e, password-env: KEY } }`,
  ],
  [
    'Swift with an application credential',
    `{ kind: swift, container: c, auth: { ${KEYSTONE}, application-credential: i, application-secret-env: KEY } }`,
  ],
] as const;

test.each(STORAGES)(
  'so does one with a storage of %s, and none of its secrets is written',
  async (_, blobs) => {
    const configuration = await load(`{ data: /tmp/none, clouds: {}, blobs: ${blobs} }`);
    const written = stringify(toDocument(configuration));
    expect(await load(written)).toEqual(configuration);
    expect(written).not.toContain('sesame');
  },
);

test('a storage whose variable is not set is refused by its name', async () => {
  const text = `{ clouds: {}, blobs: { kind: s3, bucket: abc, access-key-env: ACCESS, secret-key-env: MISSING } }`;
  await expect(load(text)).rejects.toThrow('the storage needs MISSING, which is not set');
});

test('a file with what a configuration comes to means the same', async () => {
  const configuration = await load(EVERYTHING);
  expect(await load(stringify(toDocument(configuration)))).toEqual(configuration);
  const smallest = await load('{ data: /tmp/none, clouds: {} }');
  expect(await load(stringify(toDocument(smallest)))).toEqual(smallest);
});

test('what looks like a secret is not shown, names of files and variables are', () => {
  const document = {
    clouds: {
      lab: {
        url: 'https://me:hunter2@lab.example/v3',
        password: 'hunter2',
        'password-file': '/etc/password',
        environment: { API_TOKEN: 'hunter2', LANG: 'C' },
      },
    },
  };
  const shown = hideSecrets(document);
  expect(JSON.stringify(shown)).not.toContain('hunter2');
  expect(shown).toMatchObject({
    clouds: { lab: { 'password-file': '/etc/password', environment: { LANG: 'C' } } },
  });
});
