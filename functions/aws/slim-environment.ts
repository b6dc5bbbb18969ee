// What the SDK reads from a Lambda's environment, for the bundles: the credentials of its role. AWS documents these
// names; nothing else of the environment is read here.

export type Credentials = {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
};

/** The credentials of the function's role. @throws CredentialsProviderError where there are none, as the SDK does. */
export function credentials(): Credentials {
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = process.env;
  if (!AWS_ACCESS_KEY_ID || !AWS_SECRET_ACCESS_KEY) {
    throw Object.assign(new Error('no credentials in the environment'), { name: 'CredentialsProviderError' });
  }
  return {
    accessKeyId: AWS_ACCESS_KEY_ID,
    secretAccessKey: AWS_SECRET_ACCESS_KEY,
    ...(AWS_SESSION_TOKEN ? { sessionToken: AWS_SESSION_TOKEN } : {}),
  };
}

/** In the place of the package @aws-sdk/credential-provider-node, of whose chain a Lambda needs the first link only. */
export function defaultProvider(): () => Promise<Credentials> {
  return async () => credentials();
}
