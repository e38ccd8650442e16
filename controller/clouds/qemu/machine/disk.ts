import { open, rm, stat } from 'node:fs/promises';
import { z } from 'zod';
import { codeOf } from '#controller/files';
import { runProgram } from '#controller/programs';
import { FootmanError, messageOf } from '#shared/errors';
import { formatBytes } from '#shared/quantity';
import type { MachineFolder } from './machine-folder.ts';

export interface ImageFile {
  path: string;
  format: 'qcow2' | 'raw';
  /** The size of the disk in it, in bytes. */
  diskBytes: number;
}

const PACKAGE = 'qemu-utils';
const Info = z.object({ format: z.string(), 'virtual-size': z.int() });
const SECTOR_BYTES = 512;
/**
 * The block of a guest's file system: so each block that the guest gives back is gone. With QEMU's 64 KiB, a small file that was deleted
 * would stay in an image that is captured.
 */
const CLUSTER_BYTES = 4096;

/** @throws FootmanError `cloud-refused` for what is no image of a disk that can be booted. */
export async function readImage(path: string, signal: AbortSignal): Promise<ImageFile> {
  const found = await stat(path).catch((error: unknown) => noSuchImage(path, error));
  if (!found.isFile()) throw refused(path, 'it is no file');
  const info = await readInfo(path, signal);
  const diskBytes = info['virtual-size'];
  if (info.format === 'qcow2') return { path, format: 'qcow2', diskBytes };
  if (info.format !== 'raw') throw refused(path, `its format is ${info.format}`);
  // Everything is a raw image to QEMU, a page of HTML too; a machine that boots from it would wait for ever.
  if (!(await hasBootSector(path))) throw refused(path, 'its first sector is none that boots');
  return { path, format: 'raw', diskBytes };
}

/**
 * Makes the machine's disk: what it writes over the image, which is only read. One that is there is replaced.
 *
 * @param bytes size of the disk; null for that of the image
 * @throws FootmanError `cloud-aborted` where the disk of this machine is full, `cloud-refused` for a size that is too small
 */
export async function makeOverlay(
  folder: MachineFolder,
  image: ImageFile,
  bytes: number | null,
  signal: AbortSignal,
): Promise<void> {
  if (bytes !== null && bytes < image.diskBytes) {
    const size = `a disk of ${formatBytes(bytes)} is smaller than that of ${image.path}`;
    throw new FootmanError('cloud-refused', `${size}, which has ${formatBytes(image.diskBytes)}`);
  }
  await rm(folder.overlay, { force: true });
  const base = ['-b', image.path, '-F', image.format];
  const args = [
    'create',
    '-q',
    '-f',
    'qcow2',
    '-o',
    `cluster_size=${CLUSTER_BYTES}`,
    ...base,
    folder.overlay,
    ...(bytes === null ? [] : [`${bytes}`]),
  ];
  await qemuImg(args, signal);
}

async function readInfo(path: string, signal: AbortSignal): Promise<z.infer<typeof Info>> {
  try {
    return Info.parse(JSON.parse(await qemuImg(['info', '--output=json', path], signal)));
  } catch (error) {
    if (signal.aborted || (error instanceof FootmanError && error.code !== 'internal')) throw error;
    throw refused(path, 'qemu-img can not read it', error);
  }
}

/** @throws FootmanError `cloud-aborted` where the disk of this machine is full */
export async function qemuImg(args: readonly string[], signal: AbortSignal): Promise<string> {
  try {
    return await runProgram({ file: 'qemu-img', args, package: PACKAGE }, signal);
  } catch (error) {
    if (!/no space left on device/i.test(messageOf(error))) throw error;
    throw new FootmanError('cloud-aborted', 'the disk of the controller is full', { cause: error });
  }
}

async function hasBootSector(path: string): Promise<boolean> {
  await using file = await open(path);
  const sector = Buffer.alloc(SECTOR_BYTES);
  await file.read(sector, 0, SECTOR_BYTES, 0);
  return sector.readUInt16BE(SECTOR_BYTES - 2) === 0x55aa;
}

function noSuchImage(path: string, cause: unknown): never {
  if (codeOf(cause) === 'EACCES') throw refused(path, 'the controller may not read it', cause);
  throw new FootmanError('cloud-refused', `there is no image ${path}`, {
    hint: "the template's image is the absolute path of a qcow2 or raw file on the controller's machine",
    cause,
  });
}

function refused(path: string, why: string, cause?: unknown): FootmanError {
  return new FootmanError('cloud-refused', `${path} can't be a machine's image: ${why}`, {
    hint: 'it must be a qcow2 or raw file of a disk that boots with a BIOS and runs cloud-init',
    ...(cause !== undefined && { cause }),
  });
}
