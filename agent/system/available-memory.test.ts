import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { availableMemory } from './available-memory.ts';

const MEGABYTE = 1024 ** 2;

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'footman-memory-'));
  put('proc/meminfo', 'MemTotal:        8388608 kB\nMemFree:          100 kB\nMemAvailable:    1048576 kB\n');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

test('on a machine of its own it is what the kernel says', () => {
  expect(availableMemory(root)).toBe(1024 * MEGABYTE);
  put('proc/self/cgroup', '0::/user.slice\n');
  put('sys/fs/cgroup/user.slice/memory.max', 'max\n');
  put('sys/fs/cgroup/user.slice/memory.current', '5\n');
  expect(availableMemory(root)).toBe(1024 * MEGABYTE);
});

describe('within a control group', () => {
  test('of version 2 it is what the tightest limit leaves, files in memory not counted', () => {
    put('proc/self/cgroup', '0::/a/b\n');
    group('sys/fs/cgroup/a', 300, 200);
    group('sys/fs/cgroup/a/b', 800, 100);
    expect(availableMemory(root)).toBe(100 * MEGABYTE);
    put('sys/fs/cgroup/a/memory.stat', `anon 7\ninactive_file ${50 * MEGABYTE}\n`);
    expect(availableMemory(root)).toBe(150 * MEGABYTE);
  });

  test('of a container that sees its own as the root', () => {
    put('proc/self/cgroup', '0::/docker/0123\n');
    group('sys/fs/cgroup', 512, 500);
    expect(availableMemory(root)).toBe(12 * MEGABYTE);
  });

  test('of version 1', () => {
    put('proc/self/cgroup', '5:cpu,cpuacct:/x\n4:memory:/docker/0123\n0::/\n');
    put('sys/fs/cgroup/memory/memory.limit_in_bytes', `${64 * MEGABYTE}\n`);
    put('sys/fs/cgroup/memory/memory.usage_in_bytes', `${60 * MEGABYTE}\n`);
    put('sys/fs/cgroup/memory/memory.stat', `total_inactive_file ${2 * MEGABYTE}\n`);
    expect(availableMemory(root)).toBe(6 * MEGABYTE);
  });

  test('that is over its limit nothing is left', () => {
    put('proc/self/cgroup', '0::/\n');
    group('sys/fs/cgroup', 10, 11);
    expect(availableMemory(root)).toBe(0);
  });
});

function group(folder: string, max: number, current: number): void {
  put(`${folder}/memory.max`, `${max * MEGABYTE}\n`);
  put(`${folder}/memory.current`, `${current * MEGABYTE}\n`);
}

function put(path: string, text: string): void {
  const file = join(root, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}
