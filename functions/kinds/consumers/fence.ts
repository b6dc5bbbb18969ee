// Desired state: the consumers of the region that is given up are off, or the approval says that they may stay on.
import { fencing } from '../../shared/fence.ts';
import { fence } from './fencing.ts';

export const handler = fencing({ what: 'consumers', fence });
