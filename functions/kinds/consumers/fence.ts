// Desired state: the consumers of the region that is given up are off, or the approval says that they may stay on.
import { InProgress } from '../../domain/errors.ts';
import { fencing } from '../../shared/fencing/fence.ts';
import { fence } from './fencing.ts';

export const handler = fencing({
  what: 'consumers',
  fence,
  // Each is off or on: once the others are off, none is half closed by the one that cannot be switched.
  isOpen: async (_incident, _asset, _shell, error) => !(error instanceof InProgress),
});
