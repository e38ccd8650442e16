import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll } from 'vitest';
import { runProgram } from '#controller/programs';
import { optionalService } from '#test/optional';
import { vmImage, vmMissing } from '#test/vm-image';
import { PREPARATION_LIMIT_MS, vmStates } from '#test/vm-state';
import { imagesContract, type ImagesFixture } from './images-suite.ts';
import { openFastFixture } from './qemu-fast-fixture.ts';

const never = new AbortController().signal;
const BOOT_LIMIT_MS = 180_000;

optionalService('QEMU', vmMissing())('the disks of virtual machines', () => {
  beforeAll(vmStates, PREPARATION_LIMIT_MS);

  imagesContract('qemu', openImagesFixture, { limitMs: BOOT_LIMIT_MS, isSlow: true });
});

async function openImagesFixture(): Promise<ImagesFixture<unknown>> {
  const fixture = await openFastFixture();
  const { cloud, nodes, dialIn } = fixture;
  const plain = fixture.templateOf({ image: await vmImage(), cpus: 2, memory: '1GiB' });
  const run = (node: string, script: string) => dialIn.run(node, script);

  return {
    ...fixture,
    cloud: {
      ...cloud,
      // Saved states of these images would outlive the suite.
      launch: (launch, signal) =>
        cloud.launch(launch.image === undefined ? launch : { ...launch, template: plain }, signal),
    },
    async keep(node, text) {
      await run(node, `echo ${text} | sudo tee /etc/kept`);
    },
    kept: (node) => run(node, 'cat /etc/kept'),
    async litter(node, text) {
      // Small files, of which many go, and never the whole text in a command line: what remains of that would be found, too.
      const halves = `'${text.slice(0, 8)}' '${text.slice(8)}'`;
      await run(
        node,
        `mkdir work && cd work && for i in $(seq 300); do printf '%s%s' ${halves} >file-$i; done
        printf '%s%s' ${halves} | tee /tmp/left /var/tmp/.left >~/.bash_history
        logger "$(cat /tmp/left)"; sync; sudo rm -rf file-1??; sync; echo done`,
      );
    },
    async identity(node) {
      const files = '/etc/machine-id /etc/ssh/ssh_host_ed25519_key.pub ~/.ssh/authorized_keys';
      const lines = (await run(node, `sudo sort ${files}`)).trim().split('\n');
      if (lines.length !== 3) throw new Error(`a machine has one id, one key, one login: ${lines.join()}`);
      return lines;
    },
    async secretsIn({ image }, texts) {
      const raw = join(fixture.context.folder, 'raw');
      await runProgram({ file: 'qemu-img', args: ['convert', '-O', 'raw', image, raw] }, never);
      const all = [...texts, ...(await keysOf(nodes))];
      const seen = new Set(await found([raw, image], all));
      await rm(raw);
      return all.filter((text) => seen.has(text));
    },
  };
}

/** Lines of the nodes' keys that are their own: how private keys begin is the same in all. */
async function keysOf(nodes: string): Promise<string[]> {
  const node = (await readdir(nodes)).find((name) => name.endsWith('first')) ?? '';
  const { loginKey, hostKey } = JSON.parse(await readFile(join(nodes, node, 'record.json'), 'utf8'));
  const lines = [loginKey.privateKey, hostKey.privateKey].flatMap((key: string) => key.split('\n'));
  const own = lines.filter((line) => line.length > 40 && !/^(-----|b3BlbnNz)/.test(line));
  if (own.length < 4) throw new Error('the keys have no lines of their own');
  return [...own, loginKey.publicKey.split(' ')[1]];
}

/** Which of the texts are anywhere in the files, one of them at least. Most of a disk are zeros, which grep passes over. */
async function found(files: readonly string[], texts: readonly string[]): Promise<string[]> {
  const program = { file: 'grep', args: ['-aozhF', '-f', '-', ...files], input: texts.join('\n') };
  const output = await runProgram({ ...program, env: { PATH: process.env['PATH'], LC_ALL: 'C' } }, never);
  return output.split('\0');
}
