import { execFileSync } from 'node:child_process';
import { cpus, release, totalmem } from 'node:os';

const GIB = 1024 ** 3;

/** Where and when it was measured, as lines of Markdown. */
export function describeMachine(): string {
  const [cpu] = cpus();
  return [
    `- ${cpus().length} cores: ${cpu?.model ?? 'unknown'}; ${(totalmem() / GIB).toFixed(0)} GiB of memory`,
    `- Linux ${release()}, Node.js ${process.version}`,
    `- ${new Date().toISOString().slice(0, 10)}, commit ${commit()}`,
    '',
  ].join('\n');
}

function commit(): string {
  const changed = git('status', '--porcelain', '--untracked-files=no') !== '';
  return `${git('rev-parse', '--short', 'HEAD')}${changed ? ' with changes' : ''}`;
}

function git(...args: string[]): string {
  return execFileSync('git', args, { cwd: import.meta.dirname, encoding: 'utf8' }).trim();
}
