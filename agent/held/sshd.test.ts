import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { inTable } from './keys-account.ts';
import { readSshdConfig } from './sshd-config.ts';
import { listeningSockets, parseSockets, pidsOf, socketsOf } from './sshd-sockets.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'footman-sshd-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('sockets that somebody listens on', () => {
  test('are read from the kernel’s tables, whichever address they are on', () => {
    const table = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1 0
   1: 0100007F:08AE 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 4712 1 0
   2: 0100007F:08AE 0100007F:E000 01 00000000:00000000 00:00000000 00000000  1000        0 4713 1 0
   3: 00000000000000000000000000000000:0016 0000:0000 0A 0:0 00:0 0     0        0 4714 1 0
   4: B80D0120000000000000000001000000:0016 0000:0000 0A 0:0 00:0 0     0        0 4715 1 0
`;
    expect(parseSockets(table)).toEqual([
      { port: 22, address: '0.0.0.0', inode: '4711' },
      { port: 2222, address: '127.0.0.1', inode: '4712' },
      { port: 22, address: '::', inode: '4714' },
      { port: 22, address: '2001:db8::1', inode: '4715' },
    ]);
  });

  test('are found by the process that has them', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const found = listeningSockets().find((socket) => socket.port === port);
    expect(found?.address).toBe('127.0.0.1');
    expect(socketsOf(String(process.pid))).toContain(found?.inode);
    server.close();
  });

  test('processes are found by name', () => {
    const script = `process.title = 'footman-sshd-x';
      const { pidsOf } = await import('${import.meta.dirname}/sshd-sockets.ts');
      console.log(pidsOf('footman-sshd-x').includes(String(process.pid)))`;
    const node = ['--no-warnings', '--input-type=module', '--eval', script];
    expect(execFileSync(process.execPath, node, { encoding: 'utf8' })).toBe('true\n');
    expect(pidsOf('no-such-process')).toEqual([]);
  });
});

function configOf(text: string) {
  const file = join(folder, 'sshd_config');
  writeFileSync(file, text.replaceAll('FOLDER', folder));
  return readSshdConfig(file);
}

describe('the configuration of sshd', () => {
  test.each([
    ['says nothing', '', [22], '.ssh/authorized_keys'],
    ['is not there to be read', undefined, [22], '.ssh/authorized_keys'],
    ['has several ports and files', 'port 22\nPort=2222\nAuthorizedKeysFile a b\n', [22, 2222], 'a'],
    [
      'has comments and quotes',
      '#Port 1\n Port 2 # two\nAuthorizedKeysFile "/etc/my keys/%u"',
      [2],
      '/etc/my keys/%u',
    ],
    ['says it twice', 'AuthorizedKeysFile a\nAuthorizedKeysFile b\n', [22], 'a'],
    ['has no file', 'AuthorizedKeysFile none\n', [22], undefined],
    [
      'has blocks for some users',
      'Match User git\nPort 3\nAuthorizedKeysFile b\n',
      [22],
      '.ssh/authorized_keys',
    ],
    ['includes itself', 'Include FOLDER/sshd_config\nPort 4\n', [4], '.ssh/authorized_keys'],
  ])('%s', (_, text, ports, authorizedKeys) => {
    const config = text === undefined ? readSshdConfig(join(folder, 'none')) : configOf(text);
    expect(config).toEqual({ ports, authorizedKeys });
  });

  test('goes on in the files that it includes, in their order', () => {
    mkdirSync(join(folder, 'd'));
    writeFileSync(join(folder, 'd/20.conf'), 'AuthorizedKeysFile late\nPort 20\n');
    writeFileSync(join(folder, 'd/10.conf'), 'AuthorizedKeysFile early\nMatch all\nPort 9\n');
    expect(configOf('Include FOLDER/d/*.conf\nPort 30\nAuthorizedKeysFile own\n')).toEqual({
      ports: [20, 30],
      authorizedKeys: 'early',
    });
  });
});

test('accounts are found by name and by number, and nothing else is taken for one', () => {
  const table = 'root:x:0:0:root:/root:/bin/sh\nbad\n::::::\nci:x:1000:1001::/home/ci:\ntwin:x:1000:9::/t:\n';
  const ci = { name: 'ci', uid: 1000, gid: 1001, home: '/home/ci' };
  expect(inTable(table, 'ci')).toEqual(ci);
  expect(inTable(table, 1000)).toEqual(ci);
  expect(inTable(table, 0)?.name).toBe('root');
  expect(inTable(table, 'bad')).toBeUndefined();
  expect(inTable(table, 7)).toBeUndefined();
});
