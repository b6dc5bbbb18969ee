// Desired state: the cache's primary stands outside the failed zone.
import { ZoneVerbInput } from '../../shared/flow.ts';
import { reach } from '../../shared/reach.ts';
import { move } from './moving.ts';

export const handler = reach('leave-zone', ZoneVerbInput, (input, shell) => move(input, 'moved', shell));
