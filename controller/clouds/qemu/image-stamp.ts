import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { codeOf } from '#controller/files';

/** Names the state of an image's file without reading all of it: another size, time or file is another image. Null where there is none. */
export async function imageStamp(path: string): Promise<string | null> {
  try {
    const { size, mtimeNs, ino } = await stat(path, { bigint: true });
    const digest = createHash('sha256').update(`${size} ${mtimeNs} ${ino}`).digest('hex');
    return `${path}@${digest.slice(0, 12)}`;
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return null;
    throw error;
  }
}
