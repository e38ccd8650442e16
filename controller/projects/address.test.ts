import { describe, expect, test } from 'vitest';
import { parseAddress } from './address.ts';

describe('the address of a repository', () => {
  test.each([
    ['https://github.com/acme/widget.git', 'https'],
    ['http://127.0.0.1:3000/acme/widget', 'http'],
    ['ssh://git@host:2222/acme/widget.git', 'ssh'],
    ['git@github.com:acme/widget.git', 'ssh'],
    ['host:widget.git', 'ssh'],
    ['git://host/widget.git', 'git'],
    ['/srv/git/widget.git', 'file'],
  ])('%s is fetched by %s alone', (repository, protocol) => {
    expect(parseAddress(repository)).toMatchObject({ url: repository, protocol });
  });

  test.each([
    'ext::sh -c "touch /tmp/x"',
    'ext::ssh%20x',
    '--upload-pack=/bin/sh',
    '-oProxyCommand=x:y',
    '-u@host:x',
    'file:///etc',
    'fd::17',
    'transport::https://host/x',
    'relative/path',
    '../up',
    'ssh://-oProxyCommand=x/path',
    'ssh://-x@host/path',
    'https://user:password@host/x.git',
    'https://token@host/x.git',
    'https://host/a\nb',
    '',
  ])('%j is refused', (repository) => {
    expect(() => parseAddress(repository)).toThrow(expect.objectContaining({ code: 'request-invalid' }));
  });

  test('with a credential is refused without repeating it', () => {
    expect(() => parseAddress('https://u:hunter2@host/x')).toThrow(/name that secret|credential/);
    expect(() => parseAddress('https://u:hunter2@host/x')).not.toThrow(/hunter2/);
    expect(() => parseAddress('https://hunter2@host/x')).not.toThrow(/hunter2/);
  });
});
