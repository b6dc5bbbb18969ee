// What the SDK reads from a Lambda's environment, for the bundles: the credentials of its role, and endpoints of a stand-in.
// AWS documents these names; nothing else of the environment is read here.

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

/** Where a service is, if not at AWS; its own variable comes first. */
export function endpointVariable(service: string): string | undefined {
  if (process.env['AWS_IGNORE_CONFIGURED_ENDPOINT_URLS'] === 'true') return undefined;
  return process.env[`AWS_ENDPOINT_URL_${service}`] || process.env['AWS_ENDPOINT_URL'] || undefined;
}

/** In the place of the package @aws-sdk/credential-provider-node, of whose chain a Lambda needs the first link only. */
export function defaultProvider(): () => Promise<Credentials> {
  return async () => credentials();
}
