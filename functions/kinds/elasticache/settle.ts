// Desired state: ElastiCache can fail the cache over by itself again, as before the incident. Users do not wait for it.
import { ZoneVerbInput } from '../../shared/flow.ts';
import { step } from '../../shared/shell.ts';
import { move } from './moving.ts';

export const handler = step(ZoneVerbInput, (input, shell) => move(input, 'restored', shell));
