import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

/** Suites whose nodes are emulated machines: each takes all processors there are. */
const MACHINES = [
  'test/contracts/clouds/qemu*.test.ts',
  'test/integration/vm-example.test.ts',
  'test/integration/held-vm.test.ts',
  'test/chaos/vm-kill.test.ts',
];

/** For one of thousands that met a bad moment of the machine; the log names it, and it is looked into. */
const RETRIES = process.env['CI'] === undefined ? 0 : 1;

// unit: no service and no process of our own. The others start real ones, and mostly wait: so there are more of them than processors.
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          // Nothing keeps state in modules, so that files can share them: half of the time was loading them again.
          isolate: false,
          maxWorkers: 2,
          include: ['{shared,agent,controller,cli,simulator}/**/*.test.ts'],
          // A limit, not a measure: a machine may be busy with other things.
          testTimeout: 30_000,
          retry: RETRIES,
          sequence: { groupOrder: 0 },
        },
      },
      real('contracts', {
        order: 1,
        workers: 3,
        include: ['test/contracts/**/*.test.ts'],
        exclude: MACHINES,
      }),
      real('integration', {
        order: 2,
        workers: 3,
        include: ['test/integration/**/*.test.ts'],
        exclude: MACHINES,
      }),
      real('chaos', { order: 3, workers: 3, include: ['test/chaos/**/*.test.ts'], exclude: MACHINES }),
      real('machines', { order: 4, workers: 1, include: MACHINES, exclude: [] }),
    ],
  },
});

interface Real {
  /** Projects run one after another. */
  order: number;
  /** Files at a time. */
  workers: number;
  include: string[];
  exclude: string[];
}

function real(name: string, { order, workers, include, exclude }: Real) {
  return {
    test: {
      name,
      include,
      exclude,
      globalSetup: ['test/support/build.ts', 'test/support/make-home.ts'],
      // Shells that tests start, and end in the middle, must not read the files of whoever runs them: theirs may take locks.
      env: { HOME: join(tmpdir(), 'footman-test-home') },
      maxWorkers: workers,
      sequence: { groupOrder: order },
      testTimeout: 60_000,
      hookTimeout: 120_000,
      retry: RETRIES,
    },
  };
}
