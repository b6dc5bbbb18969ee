// One SDK client for each service and region, with limits that fit into a Lambda's time when the region is dark.

/** Three tries of three to four seconds: a step makes two calls at most one after the other, and its Lambda has 25 s. */
export const limits = {
  maxAttempts: 3,
  requestHandler: { connectionTimeout: 1_000, requestTimeout: 3_000, throwOnRequestTimeout: true },
};

/**
 * Makes the client of a region when it is first asked for, and gives the same one afterwards. Marked so that a bundle leaves out
 * the clients of kinds that its function never asks.
 */
// @__NO_SIDE_EFFECTS__
export function oneForEachRegion<Client>(create: (region: string) => Client): (region: string) => Client {
  const clients = new Map<string, Client>();
  return (region) => {
    const known = clients.get(region) ?? create(region);
    clients.set(region, known);
    return known;
  };
}
