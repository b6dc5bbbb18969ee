// Secrets Manager of one region: versions and their stages, as the rotation of the link key needs them.
import { createHash } from 'node:crypto';
import { refusal } from '../estate/calls/aws-error.ts';

const current = 'AWSCURRENT';

type Version = { value: string | null; readonly stages: Set<string> };
type Input = Readonly<Record<string, unknown>>;

export type Secrets = {
  answer(operation: string, input: Input): Record<string, unknown>;
  /** A version that is pending and holds nothing: Secrets Manager makes one to let the rotation function test itself. */
  pend(arn: string): string;
};

/**
 * The secrets of a stack by their ARNs, each with the seed that CloudFormation made. The same seed in every drill; it protects nothing.
 * `others`: the application's own, by their names; a value of null is looked up and never read.
 */
export function createSecrets(
  arns: readonly string[],
  region: string,
  others: ReadonlyMap<string, string | null> = new Map(),
): Secrets {
  const all = new Map(
    arns.map((arn) => {
      const seed = createHash('sha256').update(`${arn} in ${region}`).digest('hex');
      const first: Version = { value: JSON.stringify({ keys: [], seed }), stages: new Set(['AWSCURRENT']) };
      return [arn, new Map([['version-1', first]])] as const;
    }),
  );
  const versionsOf = (input: Input): Map<string, Version> => {
    const found = all.get(String(input['SecretId']));
    if (found === undefined)
      throw refusal('ResourceNotFoundException', "Secrets Manager can't find the specified secret.");
    return found;
  };
  const stagedIn = (versions: Map<string, Version>, stage: string) =>
    [...versions].find(([, { stages }]) => stages.has(stage)) ?? null;

  const operations: Readonly<Record<string, (input: Input) => Record<string, unknown>>> = {
    GetSecretValue(input) {
      const known = others.get(String(input['SecretId']));
      if (typeof known === 'string') return { Name: input['SecretId'], VersionStages: [current], SecretString: known };
      const versions = versionsOf(input);
      const { VersionId: id, VersionStage: stage = 'AWSCURRENT' } = input;
      const [found, version] =
        typeof id === 'string' ? [id, versions.get(id)] : (stagedIn(versions, String(stage)) ?? []);
      const staged = version?.stages.has(String(stage)) === true;
      if (version === undefined || !staged || version.value === null) {
        const what = `staging label: ${String(stage)}`;
        throw refusal('ResourceNotFoundException', `Secrets Manager can't find the specified secret value for ${what}`);
      }
      return {
        ARN: input['SecretId'],
        VersionId: found,
        VersionStages: [...version.stages],
        SecretString: version.value,
      };
    },
    DescribeSecret(input) {
      const { SecretId } = input;
      if (typeof SecretId === 'string' && others.has(SecretId)) return { Name: SecretId, VersionIdsToStages: {} };
      const stages = [...versionsOf(input)].map(([id, version]) => [id, [...version.stages]] as const);
      return { ARN: input['SecretId'], VersionIdsToStages: Object.fromEntries(stages) };
    },
    PutSecretValue(input) {
      const versions = versionsOf(input);
      const id = String(input['ClientRequestToken']);
      const value = String(input['SecretString']);
      const known = versions.get(id);
      if (known !== undefined && known.value !== null && known.value !== value)
        throw refusal(
          'ResourceExistsException',
          'You can’t modify an existing version, you can only create a new version.',
        );
      const stages = (input['VersionStages'] as string[] | undefined) ?? ['AWSCURRENT'];
      for (const stage of stages) stagedIn(versions, stage)?.[1].stages.delete(stage);
      versions.set(id, { value, stages: new Set([...(known?.stages ?? []), ...stages]) });
      return { ARN: input['SecretId'], VersionId: id, VersionStages: stages };
    },
    UpdateSecretVersionStage(input) {
      const versions = versionsOf(input);
      const stage = String(input['VersionStage']);
      const from = stagedIn(versions, stage);
      const to = versions.get(String(input['MoveToVersionId']));
      if (from !== null && from[0] !== input['RemoveFromVersionId'])
        throw refusal(
          'InvalidParameterException',
          `The parameter RemoveFromVersionId is not the version that has ${stage}.`,
        );
      from?.[1].stages.delete(stage);
      if (stage === 'AWSCURRENT') {
        stagedIn(versions, 'AWSPREVIOUS')?.[1].stages.delete('AWSPREVIOUS');
        from?.[1].stages.add('AWSPREVIOUS');
      }
      to?.stages.add(stage);
      return { ARN: input['SecretId'] };
    },
  };

  return {
    answer(operation, input) {
      const run = operations[operation];
      if (run === undefined) throw new Error(`the simulator has no secrets-manager ${operation}`);
      return run(input);
    },
    pend(arn) {
      const id = 'version-of-the-test';
      all.get(arn)?.set(id, { value: null, stages: new Set(['AWSPENDING']) });
      return id;
    },
  };
}
