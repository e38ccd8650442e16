import { Gauge } from 'prom-client';
import { ageOf, isOverdue } from '#controller/images';
import { agesOfStreams, bytesOfVersions, countVersions } from '#controller/store';
import type { ApiDeps } from '../deps.ts';

const LABELS = ['stream', 'cloud'] as const;

/** What stands of images, asked on each scrape. Prepared ones are too many to have labels of their own. */
export function gaugeImages({ store, clock, metrics }: Pick<ApiDeps, 'store' | 'clock' | 'metrics'>): void {
  const ages = new Gauge({
    name: 'footman_image_stream_age_seconds',
    help: 'Age of the current version of each named image stream, from its capture.',
    labelNames: LABELS,
    registers: [metrics],
    async collect() {
      ages.reset();
      for (const { stream, current } of await agesOfStreams(store.db)) {
        const age = ageOf(current ?? undefined, clock.now());
        if (age !== null) ages.set({ stream: stream.name, cloud: stream.cloud }, age / 1000);
      }
    },
  });

  const overdue = new Gauge({
    name: 'footman_image_stream_overdue',
    help: '1 where the stream should have had a newer version by now, else 0; only where its snapshot says refresh-after.',
    labelNames: LABELS,
    registers: [metrics],
    async collect() {
      overdue.reset();
      for (const { stream, current } of await agesOfStreams(store.db)) {
        if (stream.refresh_after_ms === null) continue;
        const isLate = isOverdue(stream, current ?? undefined, clock.now());
        overdue.set({ stream: stream.name, cloud: stream.cloud }, isLate ? 1 : 0);
      }
    },
  });

  const versions = new Gauge({
    name: 'footman_image_versions',
    help: 'Versions of images that are not yet gone, by state.',
    labelNames: ['state'],
    registers: [metrics],
    async collect() {
      versions.reset();
      for (const { state, count } of await countVersions(store.db)) versions.set({ state }, count);
    },
  });

  const bytes = new Gauge({
    name: 'footman_image_bytes',
    help: 'What images take in their clouds, by the kind of their streams: named or prepared.',
    labelNames: ['kind'],
    registers: [metrics],
    async collect() {
      bytes.reset();
      for (const { kind, bytes: taken } of await bytesOfVersions(store.db)) bytes.set({ kind }, taken);
    },
  });
}
