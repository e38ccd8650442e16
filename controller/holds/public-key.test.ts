import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FootmanError } from '#shared/errors';
import { parsePublicKey } from './index.ts';
import { KEYS } from './test-support.ts';

const [TYPE = '', BASE64 = ''] = KEYS.alice.split(' ');
const BLOB = Buffer.from(BASE64, 'base64');

function field(bytes: string | Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(Buffer.byteLength(bytes));
  return Buffer.concat([length, Buffer.from(bytes)]);
}

function lineOf(type: string, ...fields: (string | Buffer)[]): string {
  return `${type} ${Buffer.concat(fields.map(field)).toString('base64')}`;
}

function rsa(bits: number): string {
  const n = Buffer.alloc(bits / 8, 0xa5);
  return lineOf('ssh-rsa', 'ssh-rsa', Buffer.from([1, 0, 1]), Buffer.concat([Buffer.from([0]), n]));
}

function curve(name: string, namedCurve: string, change = (point: Buffer) => point): string {
  const { x = '', y = '' } = generateKeyPairSync('ec', { namedCurve }).publicKey.export({ format: 'jwk' });
  const point = Buffer.concat([Buffer.from([4]), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')]);
  return lineOf(`ecdsa-sha2-${name}`, `ecdsa-sha2-${name}`, name, change(point));
}

function refusal(text: string): string {
  try {
    parsePublicKey(text);
  } catch (error) {
    if (error instanceof FootmanError && error.code === 'request-invalid') return error.message;
    throw error;
  }
  throw new Error(`${JSON.stringify(text)} was taken`);
}

describe('a public key', () => {
  test.each([
    KEYS.alice,
    rsa(3072),
    rsa(4096),
    curve('nistp256', 'P-256'),
    curve('nistp384', 'P-384'),
    curve('nistp521', 'P-521'),
  ])("of a type that is good is taken, with the line's end or without: %.30s", (line) => {
    const key = line.split(' ', 2).join(' ');
    expect(parsePublicKey(line).key).toBe(key);
    expect(parsePublicKey(`  ${key}\r\n`)).toMatchObject({ key, comment: '' });
  });

  test('has a comment that is printable ASCII and not long, whatever stood there', () => {
    expect(parsePublicKey(KEYS.alice).comment).toBe('alice@laptop');
    const { comment } = parsePublicKey(`${TYPE} ${BASE64} \u202Eäbc ${'x'.repeat(300)}`);
    expect(comment).toBe(`bc ${'x'.repeat(97)}`);
  });

  test.each([
    ['', 'no key'],
    ['\n', 'no key'],
    ['hello', 'no public key'],
    [`command="rm -rf /" ${KEYS.alice}`, 'without options'],
    [`restrict,${KEYS.alice}`, 'without options'],
    [`expiry-time="20990101" ${KEYS.alice}`, 'without options'],
    [`${KEYS.alice}\n${KEYS.bob}`, 'more than one line'],
    [`${KEYS.alice}\r${KEYS.bob}`, 'more than one line'],
    [`${KEYS.alice}\u2028${KEYS.bob}`, 'more than one line'],
    [`\n${KEYS.alice}`, 'more than one line'],
    [`${KEYS.alice}\0`, 'control characters'],
    [`${TYPE}\t${BASE64}`, 'control characters'],
    [`${TYPE} ${BASE64} a\tb`, 'control characters'],
    [`${KEYS.alice}${'x'.repeat(20_000)}`, 'too long'],
    [`${TYPE} ${BASE64}!`, 'base64'],
    [`${TYPE} ${BASE64}=`, 'base64'],
    [`${TYPE} ${BASE64.slice(0, -1)}`, 'base64'],
    [`ssh-rsa ${BASE64}`, 'not of the type ssh-rsa'],
    [`${TYPE} ${Buffer.concat([BLOB, Buffer.from([0])]).toString('base64')}`, 'damaged'],
    [`${TYPE} ${Buffer.concat([BLOB, field('more')]).toString('base64')}`, 'damaged'],
    [`${TYPE} ${BLOB.subarray(0, -1).toString('base64')}`, 'damaged'],
    [lineOf('ssh-ed25519', 'ssh-ed25519', Buffer.alloc(31)), 'damaged'],
    [rsa(2048), '2048 bits is too weak'],
    [rsa(1024), '1024 bits is too weak'],
    [lineOf('ssh-dss', 'ssh-dss', Buffer.alloc(128, 1)), 'DSA'],
    [lineOf('sk-ssh-ed25519@openssh.com', 'sk-ssh-ed25519@openssh.com', Buffer.alloc(32)), 'hardware'],
    [lineOf('ssh-ed25519-cert-v01@openssh.com', 'x'), 'certificates'],
    [lineOf('ssh-rsa', 'ssh-rsa', Buffer.from([1, 0, 1]), Buffer.alloc(384, 0xff)), 'damaged'],
    [lineOf('ssh-rsa', 'ssh-rsa', Buffer.from([1, 0, 1]), Buffer.alloc(500)), 'damaged'],
    [curve('nistp256', 'P-256', (point) => point.fill(7, 10, 20)), 'not on its curve'],
    [curve('nistp256', 'P-256', (point) => point.subarray(0, 33)), 'damaged'],
    [curve('nistp256', 'P-384'), 'damaged'],
    ['-----BEGIN OPENSSH PRIVATE KEY-----\nsecret\n-----END OPENSSH PRIVATE KEY-----', 'private key'],
    ['---- BEGIN SSH2 PUBLIC KEY ----\nAAAA\n---- END SSH2 PUBLIC KEY ----', 'another format'],
  ])('is nothing else: %j', (text, why) => {
    expect(refusal(text)).toContain(why);
  });

  test('is never a line that sshd would read otherwise, whatever somebody puts around it or changes in it', () => {
    const noise = fc.string({ unit: 'binary', maxLength: 20 });
    const at = fc.nat({ max: KEYS.alice.length });
    fc.assert(
      fc.property(noise, at, fc.nat({ max: 3 }), (text, place, gone) => {
        const line = KEYS.alice.slice(0, place) + text + KEYS.alice.slice(place + gone);
        try {
          const { key, comment } = parsePublicKey(line);
          expect(key).toMatch(/^[a-z0-9-]+ [A-Za-z0-9+/]+={0,2}$/);
          expect(comment).toMatch(/^[ -~]{0,100}$/);
        } catch (error) {
          expect(error).toMatchObject({ code: 'request-invalid' });
        }
      }),
      { numRuns: 2000 },
    );
  });

  test('is damaged wherever a byte of its shape is another one', () => {
    fc.assert(
      fc.property(fc.nat({ max: BLOB.length - 33 }), fc.integer({ min: 1, max: 255 }), (place, change) => {
        const blob = Buffer.from(BLOB);
        blob[place] = (blob[place] ?? 0) ^ change;
        expect(() => parsePublicKey(`${TYPE} ${blob.toString('base64')}`)).toThrow(FootmanError);
      }),
    );
  });

  test('that is a stream of any bytes is refused in a sentence', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('ssh-rsa', 'ssh-ed25519', 'ecdsa-sha2-nistp521'),
        fc.uint8Array(),
        (type, bytes) => {
          expect(() => parsePublicKey(`${type} ${Buffer.from(bytes).toString('base64')}`)).toThrow(
            FootmanError,
          );
        },
      ),
    );
  });
});
