// Makes the exports of caches, every ten minutes as far as one is due: a region that takes over makes a cache of the newest.
import { keepAllExports } from './kinds/upkeep.ts';
import { onEvent, type Shell } from './shared/shell.ts';

/** In the region that serves users alone: the other's cache follows it, or is empty. @throws what ElastiCache and S3 say no to */
export const handler = onEvent(async (_event: unknown, shell: Shell): Promise<void> => {
  const { primary } = await shell.store.readStanding(shell.region);
  if (primary === shell.region) await keepAllExports(shell);
});
