import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { FootmanError, messageOf } from '#shared/errors';

/** Type, key in base64, comment: nothing else of a file leaves this machine. */
const PUBLIC_KEY = /^[a-z0-9@.-]+ +[A-Za-z0-9+/]+={0,2}(?: .*)?$/;

/**
 * Public keys as the API takes them: the lines of files, of standard input for `-`, and `@name` as it is.
 *
 * @throws FootmanError `not-found`, or `request-invalid` for what holds anything else than public keys
 */
export async function readKeys(given: readonly string[] = []): Promise<string[]> {
  const keys: string[] = [];
  for (const name of new Set(given)) {
    if (name.startsWith('@')) keys.push(name);
    else keys.push(...keysIn(name, await contentOf(name)));
  }
  return keys;
}

async function contentOf(name: string): Promise<string> {
  if (name === '-') return text(process.stdin);
  try {
    return await readFile(name, 'utf8');
  } catch (cause) {
    throw new FootmanError('not-found', `cannot read ${name}: ${messageOf(cause)}`, { cause });
  }
}

function keysIn(name: string, content: string): string[] {
  const where = name === '-' ? 'standard input' : name;
  if (/PRIVATE KEY|^PuTTY-User-Key-File/.test(content)) {
    throw new FootmanError('request-invalid', `${where} holds a private key, which nobody else may see`, {
      hint: `the public one is in ${name === '-' ? 'the file that ends in .pub' : `${name}.pub`}`,
    });
  }
  const lines = content.split(/\r?\n/).filter((line) => line.trim() !== '' && !line.startsWith('#'));
  const isKey = lines.map((line) => PUBLIC_KEY.test(line));
  if (lines.length > 0 && isKey.every(Boolean)) return lines;
  const what = isKey.some(Boolean) ? 'more than public keys' : 'no public key';
  throw new FootmanError('request-invalid', `${where} holds ${what} of OpenSSH`, {
    hint: 'each is a line such as `ssh-ed25519 AAAA… name`, without options',
  });
}
