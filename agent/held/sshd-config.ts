import { globSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';

/** What sshd is told of the things that matter to keys. */
export interface SshdConfig {
  ports: number[];
  /** Where keys of an account are, with `%h`, `%u` and `%U` in it; undefined where sshd looks into no file. */
  authorizedKeys: string | undefined;
}

const FOLDER = '/etc/ssh';
const MOST_FILES = 64;
const DEFAULT_KEYS = '.ssh/authorized_keys';

/** Of what holds for all accounts: the first that a setting says counts, as for sshd itself. */
export function readSshdConfig(file = `${FOLDER}/sshd_config`): SshdConfig {
  const settings = settingsIn(file, new Set());
  const ports = settings.filter(([key]) => key === 'port').map(([, [port]]) => Number(port));
  const [keys = DEFAULT_KEYS] = settings.find(([key]) => key === 'authorizedkeysfile')?.[1] ?? [];
  return {
    ports: ports.length === 0 ? [22] : ports,
    authorizedKeys: keys === 'none' ? undefined : keys,
  };
}

type Setting = [key: string, values: string[]];

function settingsIn(file: string, seen: Set<string>): Setting[] {
  if (seen.has(file) || seen.size === MOST_FILES) return [];
  seen.add(file);
  const settings: Setting[] = [];
  for (const line of textOf(file).split('\n')) {
    const [key = '', ...values] = wordsOf(line);
    // What follows holds for some only.
    if (key.toLowerCase() === 'match') break;
    if (key.toLowerCase() === 'include') {
      const files = values.flatMap((glob) => globSync(resolve(FOLDER, glob)).toSorted());
      settings.push(...files.flatMap((each) => settingsIn(each, seen)));
    } else if (values.length > 0) settings.push([key.toLowerCase(), values]);
  }
  return settings;
}

/** `Key value value` or `Key=value`; values may stand in quotes. */
function wordsOf(line: string): string[] {
  const words = line.match(/^\s*#.*|"[^"]*"|[^\s"=]+/g) ?? [];
  const comment = words.findIndex((word) => word.trimStart().startsWith('#'));
  return (comment === -1 ? words : words.slice(0, comment)).map((word) => word.replaceAll('"', ''));
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
