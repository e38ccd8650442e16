import { blobsSection } from '#test/blobs-section';
import { startSwift, type S3Settings } from '#test/swift';
import type { ControllerOptions } from '../row.ts';
import { spawned } from '../system/spawned.ts';

/** A real storage that speaks S3. */
export interface BenchStorage extends AsyncDisposable {
  /** Lets a controller keep its objects there. */
  forController: Pick<ControllerOptions, 'sections' | 'environment'>;
  /** Copies the files of the folder into an empty bucket, eight at a time, without Footman. */
  copy(folder: string): Promise<void>;
}

/** Parts as large as Footman's, and as many at a time. */
const COPY = ['--transfers=8', '--s3-upload-cutoff=16M', '--s3-chunk-size=16M', '--s3-upload-concurrency=8'];

export async function startStorage(): Promise<BenchStorage> {
  const swift = await startSwift();
  const { yaml, env } = blobsSection(swift.s3);

  return {
    forController: { sections: `${yaml}\n`, environment: env },
    async copy(folder) {
      const { s3 } = await swift.newContainer();
      await spawned('rclone', ['copy', '--retries=1', ...COPY, folder, `floor:${s3.bucket}`], rcloneOf(s3));
    },
    [Symbol.asyncDispose]: () => swift.stop(),
  };
}

function rcloneOf({ endpoint, region, credentials }: S3Settings): NodeJS.ProcessEnv {
  return {
    RCLONE_CONFIG: '/dev/null',
    RCLONE_CONFIG_FLOOR_TYPE: 's3',
    RCLONE_CONFIG_FLOOR_PROVIDER: 'Other',
    RCLONE_CONFIG_FLOOR_ENDPOINT: endpoint ?? '',
    RCLONE_CONFIG_FLOOR_REGION: region,
    RCLONE_CONFIG_FLOOR_ACCESS_KEY_ID: credentials?.accessKeyId.value,
    RCLONE_CONFIG_FLOOR_SECRET_ACCESS_KEY: credentials?.secretAccessKey.value,
    // A bundle for a proxy that has nothing to do with it, and that it can not read.
    AWS_CA_BUNDLE: '',
  };
}
