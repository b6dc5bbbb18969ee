// Desired state: the cache's primary stands outside the failed zone.
import { ZoneVerbInput } from '../../shared/flow.ts';
import { step } from '../../shared/shell.ts';
import { move } from './moving.ts';

export const handler = step(ZoneVerbInput, (input, shell) => move(input, 'moved', shell));
