import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withoutSecrets, type Exports } from '../steps/index.ts';

/**
 * Puts what steps exported beside a kept workspace, as `environment` and `path`, which a step may add to its own files of these kinds. It becomes
 * part of an image: nothing with a secret in it goes there, whatever the secret's policy.
 *
 * @throws the system's error
 */
export function packExports(folder: string, exports: Exports): void {
  const { values, path } = withoutSecrets(exports);
  const delimiter = `end-${randomUUID()}`;
  const lines = Object.entries(values).map(
    ([name, value]) => `${name}<<${delimiter}\n${value}\n${delimiter}\n`,
  );
  writeFileSync(join(folder, 'environment'), lines.join(''), { mode: 0o600 });
  // The latest is first here, and last there.
  writeFileSync(
    join(folder, 'path'),
    path
      .toReversed()
      .map((each) => `${each}\n`)
      .join(''),
    { mode: 0o600 },
  );
}
