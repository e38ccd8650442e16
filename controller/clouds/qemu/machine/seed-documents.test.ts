import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { seedDocuments, userAddress, type SeedContent } from './seed-documents.ts';

const content: SeedContent = {
  node: 'n-1',
  user: 'footman',
  sudo: true,
  authorizedKey: 'ssh-ed25519 AAAA login',
  hostKey: { privateKey: 'BEGIN\nkey\nEND\n', publicKey: 'ssh-ed25519 BBBB' },
  mac: '52:54:00:00:00:01',
  runtime: 'digest',
  address: userAddress(true),
};

test('the user gets the key of the node alone, no password, and sudo', () => {
  expect(userData()).toMatchObject({
    users: [
      {
        name: 'footman',
        lock_passwd: true,
        ssh_authorized_keys: ['ssh-ed25519 AAAA login'],
        sudo: 'ALL=(ALL) NOPASSWD:ALL',
      },
    ],
    disable_root: true,
    ssh_pwauth: false,
  });
  expect(userData({ sudo: false })).toMatchObject({ users: [{ sudo: null }] });
});

test('root gets the key where root is the user', () => {
  expect(userData({ user: 'root' })).toMatchObject({ users: [{ name: 'root' }], disable_root: false });
});

test('the machine has the host key that we know, and none of the image', () => {
  expect(userData()).toMatchObject({
    ssh_deletekeys: true,
    ssh_keys: { ed25519_private: 'BEGIN\nkey\nEND\n', ed25519_public: 'ssh-ed25519 BBBB' },
  });
});

test('a name of a host is short enough and begins with a letter or digit', () => {
  const name = hostname(`${'n'.repeat(2)}-${'1'.repeat(61)}`);
  expect(name).toMatch(/^[a-z0-9][a-z0-9-]{0,62}$/);
  expect(hostname('n-1')).toBe('n-1');
});

test('a restricted machine has no router and no name server, whose answers it would wait for', () => {
  expect(subnet()).toEqual({ type: 'static', address: '10.0.2.15/24' });
  expect(subnet({ address: userAddress(false) })).toMatchObject({
    gateway: '10.0.2.2',
    dns_nameservers: ['10.0.2.3'],
  });
});

function userData(changed: Partial<SeedContent> = {}): unknown {
  const text = seedDocuments({ ...content, ...changed })['user-data'] ?? '';
  expect(text).toMatch(/^#cloud-config\n/);
  return parse(text);
}

function hostname(node: string): string {
  return parse(seedDocuments({ ...content, node })['meta-data'] ?? '')['local-hostname'];
}

function subnet(changed: Partial<SeedContent> = {}): unknown {
  return parse(seedDocuments({ ...content, ...changed })['network-config'] ?? '').config[0].subnets[0];
}
