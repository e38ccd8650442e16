import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CapturedImage, Cloud, CloudImages } from '#controller/clouds';
import type { CloudFixture } from './suite.ts';

/** What a cloud with images brings to their contract. */
export interface ImagesFixture<Template> extends CloudFixture<Template> {
  /** Writes the text into a file of the node's which its image is to have. */
  keep(node: string, text: string): Promise<void>;
  /** What `keep` wrote, as the node has it. */
  kept(node: string): Promise<string>;
  /** Leaves the text where jobs leave things that no image may have: workspace, temporary files, a shell's history; some of it deleted. */
  litter(node: string, text: string): Promise<void>;
  /** What makes the node the one that it is: no two nodes have any of it in common. */
  identity(node: string): Promise<string[]>;
  /** Which of the texts are anywhere in the image, also where nobody sees them. */
  secretsIn(image: CapturedImage, texts: readonly string[]): Promise<string[]>;
}

interface Options {
  /** How long one case may take, in milliseconds; each starts one node at most, and all of them wait for two at first. */
  limitMs?: number;
  /** Its nodes take their time: none is started from the imported image, which its digest says is the same. */
  isSlow?: boolean;
}

const never = new AbortController().signal;
const KEPT = 'what-the-image-is-for';
const SECRET = 'text-of-the-workspace';

/**
 * What every cloud with images must hold. All cases share the nodes and the image that are made first, as machines take their time; each
 * works under names of its own.
 */
export function imagesContract<Template>(
  name: string,
  open: () => Promise<ImagesFixture<Template>>,
  { limitMs = 60_000, isSlow = false }: Options = {},
): void {
  describe(`images of the ${name} cloud`, { timeout: limitMs }, () => {
    const [first, second, third] = ['first', 'second', 'third'].map((each) => `n-${process.pid}-${each}`) as [
      string,
      string,
      string,
    ];
    let fixture: ImagesFixture<Template>;
    let images: CloudImages;
    let captured: CapturedImage;
    let whoWas: string[];

    beforeAll(async () => {
      fixture = await open();
      images = imagesOf(fixture.cloud);
      await launch(first);
      await fixture.keep(first, KEPT);
      await fixture.litter(first, SECRET);
      whoWas = await fixture.identity(first);
      captured = await images.capture(reference(first), 'v-1', never);
      await fixture.dialIn.left(first);
      await launch(second, 'v-1');
    }, 3 * limitMs);
    afterAll(() => fixture.dispose());

    test('give their nodes what was on the captured one, and nothing of who that was', async () => {
      expect(await fixture.kept(second)).toContain(KEPT);
      const whoIs = await fixture.identity(second);
      expect(whoIs).not.toEqual([]);
      expect(whoIs.filter((line) => whoWas.includes(line))).toEqual([]);
    });

    test('hold no token, and no text of what a job left', async () => {
      const secrets = [SECRET, ...fixture.dialIn.tokens(first)];
      expect(secrets.length).toBeGreaterThan(1);
      expect(await fixture.secretsIn(captured, [KEPT, ...secrets])).toEqual([KEPT]);
    });

    test('are captured once, however often, and in whichever life of the controller, that is asked', async () => {
      const again = await imagesOf(await fixture.reopen()).capture(reference(first), 'v-1', never);
      const atOnce = await Promise.all([1, 2].map(() => images.capture(reference(first), 'v-1', never)));
      expect([again, ...atOnce]).toEqual([captured, captured, captured]);
      expect(captured).toMatchObject({ digest: expect.stringMatching(/^sha256:[\da-f]{64}$/) });
      expect(captured.bytes).toBeGreaterThan(0);
      expect(await images.find('v-1', never)).toEqual(captured);
      expect(await namesOf(images)).toEqual(['v-1']);
    });

    test('stay while a node stands on them', async () => {
      await expect(images.remove('v-1', never)).rejects.toMatchObject({ code: 'cloud-refused' });
      expect(await images.find('v-1', never)).toEqual(captured);
    });

    test("are neither seen nor touched by another controller, which can't capture the node", async () => {
      const others = imagesOf(fixture.otherCloud);
      await expect(others.capture(reference(second), 'v-2', never)).rejects.toMatchObject({
        code: 'cloud-refused',
      });
      expect(await others.find('v-1', never)).toBeNull();
      expect(await namesOf(others)).toEqual([]);
      await others.remove('v-1', never);
      await expect(others.export('v-1', never)).rejects.toBeInstanceOf(Error);
      expect(await images.find('v-1', never)).toEqual(captured);
      expect(await fixture.kept(second)).toContain(KEPT);
    });

    test('are finished by the next life of a controller that died in the middle', async () => {
      const life = new AbortController();
      const dying = images.capture(reference(second), 'v-2', life.signal);
      await Promise.race([fixture.dialIn.left(second), dying]);
      life.abort(new Error('the controller dies here'));
      await dying.catch(() => undefined);
      const next = imagesOf(await fixture.reopen());
      const finished = await next.capture(reference(second), 'v-2', never);
      expect(await next.find('v-2', never)).toEqual(finished);
      expect((await namesOf(next)).toSorted()).toEqual(['v-1', 'v-2']);
      await next.remove('v-2', never);
      await next.remove('v-2', never);
      expect(await next.find('v-2', never)).toBeNull();
      expect(await namesOf(next)).toEqual(['v-1']);
    });

    test('move as files: what is imported is what was exported', async () => {
      await fixture.cloud.remove(reference(second), never);
      const folder = await mkdtemp(join(tmpdir(), 'exported-image-'));
      try {
        const { content, suffix } = await images.export('v-1', never);
        expect(suffix).toMatch(/^\.\w+$/);
        const file = join(folder, `image${suffix}`);
        await pipeline(content, createWriteStream(file));
        await images.remove('v-1', never);
        expect(await images.find('v-1', never)).toBeNull();
        const imported = await images.import('v-1', createReadStream(file), never);
        expect(imported).toMatchObject({ image: captured.image, digest: captured.digest });
        expect(await images.import('v-1', createReadStream(file), never)).toEqual(imported);
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
      expect(await namesOf(images)).toEqual(['v-1']);
      if (isSlow) return;
      await launch(third, 'v-1');
      expect(await fixture.kept(third)).toContain(KEPT);
    });

    test('are not made of rubbish, which leaves nothing', async () => {
      const rubbish = Readable.from([Buffer.alloc(100_000, 'no image at all')]);
      await expect(images.import('v-3', rubbish, never)).rejects.toMatchObject({ code: 'cloud-refused' });
      expect(await images.find('v-3', never)).toBeNull();
      expect(await namesOf(images)).not.toContain('v-3');
    });

    test('are not worked on for a caller that has given up', async () => {
      const gone = AbortSignal.abort(new Error('no longer wanted'));
      const calls = [
        () => images.capture(reference(first), 'v-4', gone),
        () => images.find('v-4', gone),
        () => images.remove('v-4', gone),
        () => Array.fromAsync(images.list(gone)),
        () => images.export('v-1', gone),
        () => images.import('v-4', Readable.from([]), gone),
      ];
      for (const call of calls) await expect(call()).rejects.toThrow('no longer wanted');
      expect(await images.find('v-4', never)).toBeNull();
    });

    async function launch(node: string, image?: string): Promise<void> {
      await fixture.cloud.launch(
        {
          node: reference(node),
          template: fixture.template,
          host: fixture.host?.(node) ?? null,
          ...(image !== undefined && { image }),
          bootstrap: fixture.dialIn.bootstrap(node),
        },
        never,
      );
      await fixture.dialIn.arrived(node);
    }
  });
}

function imagesOf<Template>({ images }: Cloud<Template>): CloudImages {
  if (images === undefined) throw new Error('the cloud has no images');
  return images;
}

function reference(id: string): { id: string; resource: null } {
  return { id, resource: null };
}

async function namesOf(images: CloudImages): Promise<string[]> {
  return (await Array.fromAsync(images.list(never))).map(({ name }) => name);
}
