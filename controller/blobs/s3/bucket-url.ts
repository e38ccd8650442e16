import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';

const NAME = 'x';

/**
 * Where the bucket's objects are, with a slash at the end. In its rules are the region, the style of paths, and what stands in the environment; the SDK shows
 * what it makes of them only where it makes a request.
 */
export async function bucketUrl(client: S3Client, bucket: string): Promise<URL> {
  const url = new URL(await getSignedUrl(client, new GetObjectCommand({ Bucket: bucket, Key: NAME })));
  url.search = '';
  url.pathname = url.pathname.slice(0, -NAME.length);
  return url;
}
