import type Docker from 'dockerode';
import type { Readable } from 'node:stream';

/** Which of the texts are anywhere in the image: in its configuration, its history, or any of its layers. */
export async function textsIn(docker: Docker, image: string, texts: readonly string[]): Promise<string[]> {
  const found = new Set<string>();
  const longest = Math.max(...texts.map((text) => text.length));
  let tail = Buffer.alloc(0);
  const saved = (await docker.getImage(image).get()) as Readable;
  for await (const bytes of saved as AsyncIterable<Buffer>) {
    const all = Buffer.concat([tail, bytes]);
    for (const text of texts) if (!found.has(text) && all.includes(text)) found.add(text);
    tail = all.subarray(-longest);
  }
  return texts.filter((text) => found.has(text));
}
