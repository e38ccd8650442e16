import { describe, expect, test } from 'vitest';
import { parseDocument, type Problem } from '#shared/document';
import { z } from 'zod';
import { checkSshCloud } from './check.ts';
import { SshSettings, SshTemplate } from './schema.ts';

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBx0vWqMJHKb0cI5kPvnU4RkSxDfAm5bKSn3v6tWqW2z';

describe('settings', () => {
  test('an address, a user, a key and a host key are enough: the rest has defaults', () => {
    const settings = { user: 'ci', 'key-file': '/k', hosts: { h1: { address: 'h1.lab', 'host-key': KEY } } };
    expect(SshSettings.parse(settings)).toMatchObject({
      'agents-dial': 'tunnel',
      reset: { reboot: false, 'new-host-key': false, timeout: '10m' },
    });
  });

  test.each([
    [{ address: 'h1' }, /either host-key, or first-use/],
    [{ address: 'h1', 'first-use': false }, /expected true|either/],
    [{ address: 'h1', 'host-key': KEY, 'first-use': true }, /either host-key, or first-use/],
    [{ address: 'h1', 'host-key': 'SHA256:abc' }, /a host key begins with its type/],
    [{ address: 'h1', 'host-key': [] }, /.*/],
    [{ address: '-oProxyCommand=x', 'first-use': true }, /host:port/],
    [{ address: 'h1:0', 'first-use': true }, /host:port/],
    [{ address: 'h1', 'first-use': true, 'key-file': '/k', 'key-env': 'K' }, /either key-file or key-env/],
    [{ address: 'h1', 'first-use': true, 'key-file': 'k' }, /absolute path/],
    [{ address: 'h1', 'first-use': true, reset: { timeout: '10' } }, /not a duration/],
    [{ address: 'h1', 'first-use': true, reset: { 'new-host-key': true } }, /only a command/],
    [{ address: 'h1', 'first-use': true, reset: { command: 'reimage h1' } }, /.*/],
    [{ address: 'h1', 'first-use': true, password: 'x' }, /.*/],
  ])('a host %j is refused', (host, complaint) => {
    const parsed = SshSettings.safeParse({ user: 'ci', 'key-file': '/k', hosts: { h1: host } });
    expect(parsed.success).toBe(false);
    expect(parsed.error?.issues.map(({ message }) => message).join('\n')).toMatch(complaint);
  });

  test.each(['h1', '10.0.0.1:2222', '[fe80::1]:22', '[::1]'])('%s is an address', (address) => {
    const hosts = { h1: { address, 'first-use': true } };
    expect(SshSettings.safeParse({ user: 'ci', 'key-env': 'K', hosts }).success).toBe(true);
  });

  test('a host without a user or a key is told by its name', () => {
    const hosts = {
      h1: { address: 'h1', 'first-use': true, user: 'ci' },
      h2: { address: 'h2', 'first-use': true },
    };
    const messages = SshSettings.safeParse({ hosts }).error?.issues.map(({ message }) => message);
    expect(messages).toEqual([
      'host h1 has no key: give it a key-file or key-env, or all hosts',
      'host h2 has no user: give it one, or all hosts',
      'host h2 has no key: give it a key-file or key-env, or all hosts',
    ]);
  });
});

describe('a cloud of hosts', () => {
  test('has every host that its templates name', () => {
    expect(problemsOf('templates: { a: { hosts: [h1, rack1-b] } }')).toEqual([
      'this cloud has no host rack1-b: did you mean rack1-a?',
    ]);
    expect(problemsOf('templates: { a: { hosts: [zzzzzzz] } }')).toEqual([
      'this cloud has no host zzzzzzz: its hosts: h1, rack1-a',
    ]);
  });

  test('has each machine and user once, with the port that goes without saying', () => {
    const problems = problemsOf(
      '',
      'h2: { address: "H1:22" }, h3: { address: h1, user: other }, h4: { address: "h1:2222" }',
    );
    expect(problems).toEqual([expect.stringMatching(/^h2 is the machine and user of h1 already/)]);
  });

  test('shares no machine and user with another cloud', () => {
    const problems = problemsOf('', '', 'lab: { kind: ssh, hosts: { x: { address: rack1-a, user: ci } } }');
    expect(problems).toEqual([expect.stringMatching(/^rack1-a is the machine and user of lab's x already/)]);
  });

  test('is told nothing about what its schema refuses', () => {
    expect(problemsOf('templates: { a: 1, b: { hosts: [1] }, c: { hosts: h1 } }', 'h9: 3')).toEqual([]);
  });
});

test('a template names hosts', () => {
  expect(SshTemplate.safeParse({ hosts: [] }).success).toBe(false);
  expect(SshTemplate.safeParse({ hosts: ['Rack 1'] }).success).toBe(false);
  expect(SshTemplate.parse({ hosts: ['rack-1.lab'] })).toEqual({ hosts: ['rack-1.lab'] });
});

/** Sentences with their hints, of a cloud with hosts h1 and rack1-a. */
function problemsOf(keys: string, hosts = '', clouds = ''): string[] {
  const parsed = parseDocument({
    source: `clouds:
${clouds && `  ${clouds}\n`}  rack:
    kind: ssh
    user: ci
    hosts: { h1: { address: h1 }, rack1-a: { address: rack1-a }${hosts && `, ${hosts}`} }
    ${keys}
`,
    file: 'footman.yaml',
    schema: z.unknown(),
    check: (document, report) => checkSshCloud(document, ['clouds', 'rack'], report),
  });
  return parsed.ok ? [] : parsed.problems.map(sentenceOf);
}

function sentenceOf({ message, hint }: Problem): string {
  return `${message}: ${hint ?? ''}`;
}
