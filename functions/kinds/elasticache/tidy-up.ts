// Desired state: ElastiCache can fail the cache over by itself again, as before the incident. Users do not wait for it.
import { ZoneVerbInput } from '../../shared/recovery/flow.ts';
import { reach } from '../../shared/recovery/reach.ts';
import { move } from './moving.ts';

export const handler = reach('tidy-up', ZoneVerbInput, (input, shell) => move(input, 'restored', shell));
