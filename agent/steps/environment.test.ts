import { describe, expect, test } from 'vitest';
import { addExports, baseEnvironment, stepEnvironment, withoutSecrets } from './environment.ts';

const files = {
  script: '/s/script',
  outputs: '/s/o',
  environment: '/s/e',
  path: '/s/p',
  inputs: '/s/i',
  remove: () => undefined,
};

const FOLDERS = { workspace: '/w', uploads: '/u' };

describe('what steps start from', () => {
  test('is all that the image or the template gives', () => {
    const own = { PATH: '/bin', HOME: '/home/u', LANG: 'C', NODE_EXTRA_CA_CERTS: '/ca.pem' };
    expect(baseEnvironment(own, '/root-of-agent')).toEqual(own);
  });

  test('tells nothing of the boot that a cloud told the agent', () => {
    expect(baseEnvironment({ HOME: '/h', FOOTMAN_BOOT_ID: 'one' }, '/r')).not.toHaveProperty(
      'FOOTMAN_BOOT_ID',
    );
  });

  test('has a PATH and a HOME though the node gives none', () => {
    const { PATH, HOME } = baseEnvironment({}, '/root-of-agent');
    expect(PATH).toContain('/usr/bin');
    expect(HOME).not.toBe('');
  });
});

describe('a step', () => {
  const exports = { values: { A: 'exported', B: 'exported' }, path: ['/late', '/early'], secret: [] };

  test('sees its own variables over exported ones, and those over the node’s', () => {
    const seen = stepEnvironment(
      { PATH: '/bin', A: 'node', B: 'node', C: 'node' },
      exports,
      { A: 'own' },
      files,
      FOLDERS,
    );
    expect(seen).toMatchObject({ A: 'own', B: 'exported', C: 'node' });
  });

  test('finds programs in exported folders first, even if it sets a PATH', () => {
    expect(stepEnvironment({ PATH: '/bin' }, exports, {}, files, FOLDERS).PATH).toBe('/late:/early:/bin');
    expect(stepEnvironment({ PATH: '/bin' }, exports, { PATH: '/x' }, files, FOLDERS).PATH).toBe(
      '/late:/early:/x',
    );
  });

  test('knows that it is in CI unless it denies it, and where its files are', () => {
    expect(stepEnvironment({}, exports, {}, files, FOLDERS)).toMatchObject({
      CI: 'true',
      FOOTMAN_OUTPUT: '/s/o',
    });
    expect(stepEnvironment({}, exports, { CI: '', FOOTMAN_OUTPUT: 'x' }, files, FOLDERS)).toMatchObject({
      CI: '',
      FOOTMAN_OUTPUT: '/s/o',
    });
  });
});

test('exports add up over steps', () => {
  const none = { values: {}, path: [], secret: [] };
  const first = addExports(none, { environment: { A: '1', B: '1' }, path: ['/one'] }, []);
  const second = addExports(first, { environment: { B: '2' }, path: ['/two'] }, []);
  expect(second).toEqual({ values: { A: '1', B: '2' }, path: ['/two', '/one'], secret: [] });
});

test('exports go with the secrets that are in them, in any form; what took their place stays', () => {
  const secret = 'correct horse & "battery"';
  const forms = {
    PLAIN: `key=${secret}`,
    BASE64: Buffer.from(secret).toString('base64'),
    URL: encodeURIComponent(secret),
  };
  const none = { values: {}, path: [], secret: [] };
  const dirty = addExports(
    none,
    { environment: { ...forms, AGAIN: secret, FINE: 'horse' }, path: [`/opt/${secret}`, '/opt'] },
    [secret],
  );
  const later = addExports(dirty, { environment: { AGAIN: 'harmless' }, path: [] }, [secret]);
  expect(later.values).toMatchObject({ ...forms, AGAIN: 'harmless' });
  expect(withoutSecrets(later)).toEqual({
    values: { AGAIN: 'harmless', FINE: 'horse' },
    path: ['/opt'],
    secret: [],
  });
});
