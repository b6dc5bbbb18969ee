// S3 for the bundles, in the place of @aws-sdk/client-s3: looking for an object, and writing a small one.
import { endpointVariable, regionalHost } from './endpoint.ts';
import { type Answer, type Command, clientOf, commandOf, type Input } from './slim-client.ts';
import { element } from './slim-xml.ts';

export const S3Client = clientOf({
  service: 's3',
  variable: 'S3',
  address: ({ Bucket, Key }, region) => {
    const other = endpointVariable('S3');
    const bucket = other === undefined ? bucketAddress(String(Bucket), region) : `${other}/${String(Bucket)}`;
    return new URL(`${bucket}/${String(Key).split('/').map(encoded).join('/')}`);
  },
  encode: (operation, { Body }) =>
    operation === 'PutObject'
      ? { method: 'PUT', headers: { 'content-type': 'application/octet-stream' }, body: String(Body ?? '') }
      : { method: 'HEAD', headers: {}, body: '' },
  decode: (operation, { headers: { etag } }) => ({
    ...(etag === undefined ? {} : { ETag: etag }),
    ...(operation === 'HeadObject' ? { Metadata: {} } : {}),
  }),
  fault: ({ status, text }: Answer) => ({
    // An answer to HEAD has no body: what is wrong stands in its status alone.
    name: element(text, 'Code') ?? (status === 404 ? 'NotFound' : 'Unknown'),
    message: element(text, 'Message') ?? 'UnknownError',
  }),
});

export const HeadObjectCommand: new (input: Input) => Command = commandOf('HeadObject');
export const PutObjectCommand: new (input: Input) => Command = commandOf('PutObject');

/** A certificate of AWS holds for one label in front of its name: a bucket with dots stands in the path. */
export function bucketAddress(bucket: string, region: string): string {
  const host = regionalHost('s3', region);
  return bucket.includes('.') ? `https://${host}/${bucket}` : `https://${bucket}.${host}`;
}

function encoded(segment: string): string {
  return encodeURIComponent(segment).replaceAll(
    /[!'()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
