import { readFile } from 'node:fs/promises';
import { codeOf, replaceFile } from '#controller/files';
import { parseHostKey } from './host-key.ts';
import type { KnownHosts } from './contract.ts';

/** Host keys in one file of OpenSSH's known_hosts format. Lines that are not understood stay; a missing file is an empty one. */
export function createKnownHosts(file: string): KnownHosts {
  let last: Promise<unknown> = Promise.resolve();

  return {
    find: async (place) => keyIn(await readLines(), place),
    remember: (place, key) =>
      inTurn(async () => {
        const lines = await readLines();
        if (keyIn(lines, place) !== null) return;
        await write([...lines, `${place} ${parseHostKey(key).text}`]);
      }),
    forget: (place) =>
      inTurn(async () => {
        const lines = await readLines();
        const left = lines.filter((line) => !isOf(line, place));
        if (left.length < lines.length) await write(left);
      }),
  };

  /** The file is replaced whole, so one change waits for the other. */
  function inTurn(change: () => Promise<void>): Promise<void> {
    const changing = last.catch(() => undefined).then(change);
    last = changing;
    return changing;
  }

  async function readLines(): Promise<string[]> {
    try {
      const text = await readFile(file, 'utf8');
      return text.split('\n').filter((line) => line !== '');
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return [];
      throw error;
    }
  }

  async function write(lines: string[]): Promise<void> {
    await replaceFile(file, lines.map((line) => `${line}\n`).join(''));
  }
}

function keyIn(lines: string[], place: string): string | null {
  const line = lines.find((each) => isOf(each, place));
  return line === undefined ? null : parseHostKey(line.replace(/^\S+\s+/, '')).text;
}

function isOf(line: string, place: string): boolean {
  const [places = ''] = line.split(/\s/, 1);
  return places.split(',').includes(place);
}
