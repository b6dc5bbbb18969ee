// What a plan says of every asset, whatever its kind.
import * as z from 'zod';
import { assetName } from './names.ts';

export const assetKeys = {
  name: assetName,
  /** Assets that take over first. */
  needs: z.array(assetName).default([]),
};
