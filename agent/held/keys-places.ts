import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Account } from './keys-account.ts';

/** Where keys of which hold may be. */
interface Places {
  hold: string | null;
  accounts: Account[];
}

/** Kept on the disk: the agent of the machine's next boot takes away what this one has put there. */
interface KeptPlaces {
  read(): Places;
  /** @throws the system's error */
  write(places: Places): void;
}

const NOWHERE: Places = { hold: null, accounts: [] };

export function recallPlaces(folder: string): KeptPlaces {
  const file = join(folder, 'keys.json');
  return {
    read() {
      try {
        return JSON.parse(readFileSync(file, 'utf8')) as Places;
      } catch {
        return NOWHERE;
      }
    },
    write(places) {
      const fresh = `${file}.new`;
      if (!existsSync(folder)) mkdirSync(folder, { mode: 0o700 });
      rmSync(fresh, { force: true });
      writeFileSync(fresh, JSON.stringify(places), { mode: 0o600, flag: 'wx', flush: true });
      renameSync(fresh, file);
    },
  };
}
