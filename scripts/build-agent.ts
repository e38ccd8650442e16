import { join } from 'node:path';
import { rolldown } from 'rolldown';

const LICENCE = `/*!
 * The Footman agent: the program on a node that runs a job's steps.
 * Licensed under the Apache License, Version 2.0 (https://www.apache.org/licenses/LICENSE-2.0).
 * It contains picomatch, copyright Jon Schlinkert, under the MIT License.
 */`;

/** Node.js loads its own modules faster when they are asked for like this than when they are imported. */
const BUILTINS = 'const require = process.getBuiltinModule;';

await using bundle = await rolldown({
  input: 'agent/main.ts',
  cwd: join(import.meta.dirname, '..'),
  platform: 'node',
  // No module of ours does work when it is imported (CONTRIBUTING.md): what the agent doesn't use can go.
  treeshake: { moduleSideEffects: false },
});
const { output } = await bundle.write({
  file: 'dist/agent.mjs',
  format: 'cjs',
  esModule: false,
  minify: true,
  // One file: whatever is loaded later is in it, and is run only when it is needed.
  codeSplitting: false,
  banner: `${LICENCE}\n${BUILTINS}`,
});
console.log(`dist/agent.mjs: ${Math.ceil(output[0].code.length / 1024)} KiB`);
