// The history of an execution in AWS's shape. AWS keeps at most 25,000 events and fails the execution that needs more.

export const longestHistory = 25_000;

/** Times are milliseconds since the epoch. The details are under AWS's own key: `stateEnteredEventDetails` and so on. */
export type HistoryEvent = {
  id: number;
  previousEventId: number;
  timestamp: number;
  type: string;
  stateEnteredEventDetails?: { name: string; input: string };
  stateExitedEventDetails?: { name: string; output: string; assignedVariables?: Record<string, string> };
  [details: `${string}EventDetails`]: Record<string, unknown> | undefined;
};

/** Where AWS puts the details of an event: `PassStateEntered` and its like share one key. */
export function detailsKey(type: string): `${string}EventDetails` {
  if (type.endsWith('StateEntered')) return 'stateEnteredEventDetails';
  if (type.endsWith('StateExited')) return 'stateExitedEventDetails';
  return `${type.charAt(0).toLowerCase()}${type.slice(1)}EventDetails`;
}
