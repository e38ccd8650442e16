import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
const LEAVES = [
  { name: 'server', ca: 'ca', extensions: 'subjectAltName=IP:127.0.0.1\nextendedKeyUsage=serverAuth' },
  { name: 'client', ca: 'ca', extensions: 'extendedKeyUsage=clientAuth' },
  { name: 'stranger', ca: 'other-ca', extensions: 'extendedKeyUsage=clientAuth' },
];

/**
 * Makes NAME.pem and NAME.key in the folder, by openssl: two authorities (`ca`, `other-ca`), a `server` at 127.0.0.1 and a `client` by the
 * first, and a `stranger` by the other. They are good for two days.
 */
export async function makeCertificates(folder: string): Promise<void> {
  for (const ca of ['ca', 'other-ca']) {
    const key = [...NEW_KEY, '-keyout', `${ca}.key`];
    await openssl(folder, 'req', '-x509', ...key, '-out', `${ca}.pem`, '-subj', `/CN=${ca}`, '-days', '2');
  }
  for (const { name, ca, extensions } of LEAVES) {
    await writeFile(join(folder, `${name}.ext`), extensions);
    await openssl(
      folder,
      'req',
      ...NEW_KEY,
      '-keyout',
      `${name}.key`,
      '-out',
      `${name}.csr`,
      '-subj',
      `/CN=${name}`,
    );
    const signer = ['-CA', `${ca}.pem`, '-CAkey', `${ca}.key`, '-CAcreateserial', '-extfile', `${name}.ext`];
    await openssl(
      folder,
      'x509',
      '-req',
      '-in',
      `${name}.csr`,
      ...signer,
      '-out',
      `${name}.pem`,
      '-days',
      '2',
    );
  }
}

async function openssl(folder: string, ...words: string[]): Promise<void> {
  await run('openssl', words, { cwd: folder });
}
