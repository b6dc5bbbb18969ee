// Finds the execution that a person names, by its name or its ARN, in the regions that answer.
import { type Execution, findExecution, readExecution } from '../../functions/aws/flows/whereabouts.ts';
import { machineIn } from '../../functions/domain/flows.ts';
import { WrongInput } from '../screen/wrong-input.ts';
import { askEach, askOne, type Deployment, noRegion, silentOf } from './deployment.ts';

/** The names that Step Functions takes. */
const possible = /^[^\s\p{C}<>{}[\]?*"#%\\^|~`$&,;:/]{1,80}$/u;

/**
 * A name is looked for in every region, since a region's flow runs in the other one. `heldIn`: what the record says of one that holds something, and
 * runs in a region that does not answer.
 * @throws WrongInput where there is none, NotDone where a region that may have it does not answer.
 */
export async function executionOf(
  text: string,
  deployment: Deployment,
  heldIn: (region: string, name: string) => Promise<Execution | null> = async () => null,
): Promise<Execution> {
  const arn = expectExecution(text, deployment);
  const reached =
    arn === null
      ? await askEach(deployment, ({ region }) => findExecution(region, deployment, text))
      : [await askOne(arn.region, () => readExecution(arn.region, deployment, text))];
  const found = reached.flatMap((one) => ('answer' in one && one.answer !== null ? [one.answer] : []));
  const [execution] = found;
  if (execution !== undefined) return execution;
  const silent = silentOf(reached);
  const held = silent[0] === undefined ? null : await heldIn(silent[0].region, text.split(':').at(-1) ?? text);
  if (held !== null) return held;
  if (silent.length > 0) throw noRegion(deployment, silent, `execution ${text} was not found where it may be`);
  throw new WrongInput(
    `EXECUTION: is ${text}, expected the name or ARN of an execution of ${deployment.prefix}, as status lists them`,
  );
}

/**
 * What a name or an ARN alone says: the region of an ARN, null for a name. An ARN of another deployment is refused: locks and
 * records of this one know nothing of it. @throws WrongInput
 */
export function expectExecution(text: string, { prefix, regions }: Deployment): { readonly region: string } | null {
  if (!text.startsWith('arn:')) {
    if (possible.test(text)) return null;
    throw new WrongInput(
      `EXECUTION: is ${text === '' ? 'empty' : text}, expected the name or ARN of an execution of ${prefix}, as status lists them`,
    );
  }
  const [, , , region = '', , resource, , name = ''] = text.split(':');
  const known = machineIn(text, prefix) !== null && regions.includes(region);
  if (resource === 'execution' && name !== '' && known) return { region };
  throw new WrongInput(
    `EXECUTION: is ${text}, expected the ARN of an execution of ${prefix} in ${regions.join(' or ')}`,
  );
}
