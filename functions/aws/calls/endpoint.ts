// Where a service is in a region: at AWS, or where the environment says that a stand-in is, in the variables that SDK
// clients read by themselves. Every call that no SDK client makes asks here.

/** A service by the first label of its host, and by its id as in AWS_ENDPOINT_URL_<id>. `host`: of one that stands in no region. */
export type Service = { readonly service: string; readonly variable: string; readonly host?: string };

/** Partitions whose hosts do not end in amazonaws.com, by how their regions begin; the SDK's list says the same. */
const suffixes: readonly (readonly [string, string])[] = [
  ['cn-', 'amazonaws.com.cn'],
  ['eusc-', 'amazonaws.eu'],
  ['us-iso-', 'c2s.ic.gov'],
  ['us-isob-', 'sc2s.sgov.gov'],
  ['us-isof-', 'csp.hci.ic.gov'],
  ['eu-isoe-', 'cloud.adc-e.uk'],
];

/** The address of a service in a region. It may have a path; its end is no slash that counts. */
export function endpointOf({ service, variable, host }: Service, region: string): URL {
  return new URL(endpointVariable(variable) ?? `https://${host ?? regionalHost(service, region)}`);
}

/** Where a stand-in of a service is; its own variable comes first. AWS documents these names. */
function endpointVariable(id: string): string | undefined {
  if (process.env['AWS_IGNORE_CONFIGURED_ENDPOINT_URLS'] === 'true') return undefined;
  return process.env[`AWS_ENDPOINT_URL_${id}`] || process.env['AWS_ENDPOINT_URL'] || undefined;
}

/** The host of a service at AWS. */
export function regionalHost(service: string, region: string): string {
  const [, suffix = 'amazonaws.com'] = suffixes.find(([beginning]) => region.startsWith(beginning)) ?? [];
  return `${service}.${region}.${suffix}`;
}
