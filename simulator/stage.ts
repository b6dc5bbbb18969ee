// The deployment that the simulator rehearses: its stage, and what every name in it begins with.
export const stage = 'sim';
export const prefix = `breakwater-${stage}`;
