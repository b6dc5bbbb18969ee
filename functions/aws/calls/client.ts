// One SDK client for each service and region, with limits that fit into a Lambda's time when the region is dark.

/** Three tries of three to four seconds: a step makes two calls at most one after the other, and its Lambda has 25 s. */
export const limits = {
  maxAttempts: 3,
  requestHandler: { connectionTimeout: 1_000, requestTimeout: 3_000, throwOnRequestTimeout: true },
};

/**
 * For calls that change something and are no worse for being asked again by their state machine: of one try it is known whether it was
 * refused. Of several, the first may have acted without an answer.
 */
export const once = { ...limits, maxAttempts: 1 };

/**
 * Makes the client of a region when it is first asked for, and gives the same one afterwards. Kinds mark their calls of it as
 * PURE for the bundler: who looks at all kinds for one thing bundles no client of those that it never asks.
 */
export function oneForEachRegion<Client>(create: (region: string) => Client): (region: string) => Client {
  const clients = new Map<string, Client>();
  return (region) => {
    const known = clients.get(region) ?? create(region);
    clients.set(region, known);
    return known;
  };
}
