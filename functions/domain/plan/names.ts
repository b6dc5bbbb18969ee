// Names of things at AWS, as a plan may give them: they become part of ARNs in the roles, where a wildcard, a colon or a
// missing slash would mean something else. Each pattern says what was expected; AWS's own rules are at least as strict.
import * as z from 'zod';

function named(pattern: RegExp, expected: string) {
  return z.string().regex(pattern, expected);
}

const path = /^(\/[A-Za-z0-9_.-]+)+$/;

export const applicationName = named(
  /^[a-z][a-z0-9-]{0,30}$/,
  'lower-case letters, digits and hyphens, a letter first, 31 at most',
);
export const regionName = named(/^[a-z]{2}(-[a-z]+)+-\d$/, 'a region such as us-east-1');
/** A zone as an account names it; local and Wavelength zones have a longer name. */
export const zoneLetterName = named(/^[a-z]{2}(-[a-z]+)+-\d(-[a-z]+-\d)?[a-z]$/, 'a zone such as us-east-1a');
/** The same in every account, unlike a zone's name. */
export const zoneIdName = named(/^[a-z]{3,4}\d-az\d$/, 'a zone id such as use1-az1');
export const assetName = named(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, 'lower-case letters, digits and hyphens');
export const databaseName = named(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, 'a DB instance identifier in lower case');
/** As RDS offers it for PostgreSQL, MySQL and MariaDB; db.serverless is Aurora's, x2iezn and z1d are other engines'. */
export const instanceClassName = named(
  /^db\.(t3|t4g|c6gd|m5d?|m6gd?|m6idn?|m6in?|m7[gi]|m8gd?|m8i|r5[bd]?|r6gd?|r6idn?|r6in?|r7[gi]|r8gd?|r8i|x2g|x2idn|x2iedn)\.(micro|small|medium|large|\d{0,2}xlarge)(\.tpc\d\.mem\dx)?$/,
  'a class that RDS offers for this engine, such as db.r6g.xlarge',
);
export const databaseGroupName = named(
  /^(default[.:])?[A-Za-z][A-Za-z0-9]*([.-][A-Za-z0-9]+)*$/,
  'the name of a group of RDS: letters, digits, hyphens and dots',
);
/** What a key is known by in every account that has the plan: an alias, or the ARN of a key, which names its region. */
export const keyName = named(
  /^(alias\/[A-Za-z0-9/_-]{1,250}|arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/[A-Za-z0-9-]+)$/,
  'alias/NAME, or the ARN of a key',
);
export const secretName = named(/^[A-Za-z0-9/_+=.@-]{1,512}$/, 'the name of a secret: letters, digits and /_+=.@-');
export const reservationName = named(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, 'the id of a capacity reservation in lower case');
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
export const keyArn = named(
  /^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/[A-Za-z0-9-]+$/,
  'the ARN of a key: arn:aws:kms:<region>:<account>:key/<id>',
);

/** As Kubernetes takes names of namespaces, deployments and releases. */
export const kubernetesName = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?$/, 'lower-case letters, digits and hyphens');
