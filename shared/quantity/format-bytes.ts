const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const;

/** Bytes for people, in powers of 1024 and at most one decimal: `512 B`, `1.5 MiB`, `2 GiB`. */
export function formatBytes(bytes: number): string {
  if (bytes < 0) return `-${formatBytes(-bytes)}`;
  let value = bytes;
  for (const unit of UNITS) {
    const shown = Math.round(value * 10) / 10;
    // The rounded value decides, so that 1023.99 KiB is 1 MiB and never "1024 KiB".
    if (shown < 1024 || unit === 'PiB') return `${shown} ${unit}`;
    value /= 1024;
  }
  return `${value} ${UNITS[0]}`;
}
