// Desired state: the cache's primary stands outside the failed zone.
import { leave } from '../../shared/traffic/leave.ts';
import { move } from './moving.ts';

export const handler = leave((input, shell) => move(input, 'moved', shell));
