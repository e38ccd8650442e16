import { defineConfig } from 'vitest/config';

// unit: no service and no process of our own. The others start real ones, so they run one file at a time.
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['{shared,agent,controller,cli,simulator}/**/*.test.ts'],
          // A limit, not a measure: a machine may be busy with other things.
          testTimeout: 30_000,
        },
      },
      serial('contracts'),
      serial('integration'),
      serial('chaos'),
    ],
  },
});

function serial(name: string) {
  return {
    test: {
      name,
      include: [`test/${name}/**/*.test.ts`],
      globalSetup: ['test/support/build.ts'],
      fileParallelism: false,
      testTimeout: 60_000,
      hookTimeout: 120_000,
    },
  };
}
