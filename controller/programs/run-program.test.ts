import { expect, test, vi } from 'vitest';
import { runProgram } from './run-program.ts';

const { signal } = new AbortController();

test('what a program prints is returned, and what it is given arrives', async () => {
  expect(await runProgram({ file: 'cat', args: [], input: 'hello' }, signal)).toBe('hello');
});

test('a failure says what the program said', async () => {
  const failing = runProgram({ file: '/bin/sh', args: ['-c', 'echo no room >&2; exit 3'] }, signal);
  await expect(failing).rejects.toThrow('/bin/sh ended with exit code 3: no room');
});

test('a program that is missing is named, with the package that has it', async () => {
  const missing = runProgram({ file: '/no/such-program', args: [], package: 'such' }, signal);
  await expect(missing).rejects.toMatchObject({
    code: 'host-unfit',
    hint: 'on Debian: apt-get install such',
  });
});

test('a program ends with its signal', async () => {
  const abort = new AbortController();
  const running = runProgram({ file: '/bin/sleep', args: ['60'] }, abort.signal);
  abort.abort(new Error('enough'));
  await expect(running).rejects.toThrow('enough');
});

test('a program ends with its signal, and all that it started with it (L18)', async () => {
  const abort = new AbortController();
  const running = runProgram({ file: '/bin/sh', args: ['-c', 'sleep 60; true'] }, abort.signal);
  abort.abort(new Error('enough'));
  await expect(running).rejects.toThrow('enough');
});

test('what a program leaves behind with its output does not keep it from ending (L18)', async () => {
  const script = 'setsid sleep 1000 & echo $!';
  const left = await runProgram({ file: '/bin/sh', args: ['-c', script] }, signal);
  expect(process.kill(Number(left), 'SIGKILL')).toBe(true);
});

test("a program gets none of this process's variables", async () => {
  vi.stubEnv('SECRET_OF_OURS', 'x');
  const environment = await runProgram({ file: 'env', args: [] }, signal);
  vi.unstubAllEnvs();
  expect(environment).toContain('PATH=');
  expect(environment).not.toContain('SECRET_OF_OURS');
});
