// Names of things at AWS, as a plan may give them: they become part of ARNs in the roles, where a wildcard, a colon or a
// missing slash would mean something else. Each pattern says what was expected; AWS's own rules are at least as strict.
import * as z from 'zod';

function named(pattern: RegExp, expected: string) {
  return z.string().regex(pattern, expected);
}

const path = /^(\/[A-Za-z0-9_.-]+)+$/;

export const regionName = named(/^[a-z]{2}(-[a-z]+)+-\d$/, 'a region such as us-east-1');
/** A zone as an account names it; local and Wavelength zones have a longer name. */
export const zoneLetterName = named(/^[a-z]{2}(-[a-z]+)+-\d(-[a-z]+-\d)?[a-z]$/, 'a zone such as us-east-1a');
export const assetName = named(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, 'lower-case letters, digits and hyphens');
export const databaseName = named(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, 'a DB instance identifier in lower case');
export const cacheName = named(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, 'a replication group id in lower case');
export const datastoreName = named(/^[a-z0-9]{5}-[A-Za-z0-9-]+$/, 'a global datastore id such as ldgnf-name');
export const clusterName = named(/^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$/, 'a cluster name: letters, digits, - and _');
export const functionName = named(/^[A-Za-z0-9_-]{1,64}$/, 'the name of a Lambda function: letters, digits, - and _');
export const balancerName = named(
  /^(app|net)\/[A-Za-z0-9-]{1,32}\/[0-9a-f]+$/,
  'app/<name>/<id> or net/<name>/<id>, the end of the ARN',
);
export const bucketName = named(
  /^[a-z0-9]([a-z0-9-]|\.(?!\.)){1,61}[a-z0-9]$/,
  'a bucket name: 3 to 63 lower-case letters, digits, dots and hyphens',
);
export const parameterName = named(path, 'a parameter name with a leading slash: letters, digits, _, ., - and /');
export const zoneName = named(/^Z[A-Z0-9]{1,31}$/, 'a hosted zone id such as Z0123456789');
export const recordName = named(
  /^([a-z0-9_]([a-z0-9_-]*[a-z0-9_])?\.)+[a-z0-9-]*[a-z]$/,
  'a domain name in lower case, without a dot at its end',
);
export const projectName = named(/^[A-Za-z0-9][A-Za-z0-9_-]{1,254}$/, 'a build project name: letters, digits, - and _');
export const subnetName = named(/^subnet-[0-9a-z]+$/, 'a subnet id such as subnet-0123');
export const securityGroupName = named(/^sg-[0-9a-z]+$/, 'a security group id such as sg-0123');
export const secretName = named(/^[A-Za-z0-9/_+=.@-]{1,512}$/, 'the name of a secret: letters, digits and /_+=.@-');
export const keyName = named(
  /^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/[A-Za-z0-9-]+$/,
  'the ARN of a key: arn:aws:kms:<region>:<account>:key/<id>',
);
