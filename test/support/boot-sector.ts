import { writeFile } from 'node:fs/promises';

/** Programs of a handful of bytes that a machine's firmware starts from a disk: a machine that needs no system, and no time to boot. */
const PROGRAMS = {
  /** Does nothing for ever. */
  halts: 'f4ebfd',
  /** Writes to ACPI's control register: soft off. */
  'powers itself off': 'ba0406b80020eff4ebfd',
  /** Tells the panic device. */
  panics: 'ba0505b001eef4ebfd',
  /** Prints one letter on the serial line for ever. */
  chatters: 'baf803b078eeebfd',
  /** Gives back to the firmware, which finds nothing else. */
  'gives up': 'cd18',
} as const;

const DISK_BYTES = 1024 * 1024;
const SIGNATURE_AT = 510;

export type BootProgram = keyof typeof PROGRAMS;

/** The first MiB of a disk with the program, as a raw image. */
export async function writeBootDisk(path: string, program: BootProgram): Promise<void> {
  const disk = Buffer.alloc(DISK_BYTES);
  Buffer.from(PROGRAMS[program], 'hex').copy(disk);
  disk.writeUInt16BE(0x55aa, SIGNATURE_AT);
  await writeFile(path, disk);
}
