import type { S3Settings } from '../settings.ts';
import type { ObjectStore } from '../store.ts';
import { createClient } from './client.ts';
import { explain } from './errors.ts';
import { createObjects } from './objects.ts';
import { createPlace } from './place.ts';
import { createPresign } from './presign.ts';
import { putObject } from './put.ts';
import { createUploads } from './uploads.ts';

const MIB = 1024 * 1024;
const LIMITS = {
  putBytes: 5 * 1024 * MIB,
  leastPartBytes: 5 * MIB,
  mostPartBytes: 5 * 1024 * MIB,
  parts: 10_000,
  signsSize: true,
};

interface Options {
  now: () => number;
  idleTimeout: number;
  pageSize: number;
}

/** Objects in a bucket, which must be there. */
export function createS3Store(settings: S3Settings, { now, idleTimeout, pageSize }: Options): ObjectStore {
  const { endpoint, publicEndpoint } = settings;
  const client = createClient(settings, endpoint, idleTimeout);
  const forAgents = publicEndpoint === null ? client : createClient(settings, publicEndpoint, idleTimeout);
  const place = createPlace(client, settings, { pageSize, idleTimeout });
  const objects = createObjects(place);
  const uploads = createUploads(place, objects.head);
  const presign = createPresign(forAgents, place);
  return {
    ...objects,
    ...uploads,
    limits: LIMITS,
    put: (key, content, bytes, signal) => putObject(place, uploads, key, content, bytes, signal),
    presign: (options) => presign(options, now()),
    explain: (error) => explain(settings.bucket, error),
  };
}
