// Mocks of SDK clients that end with their test file: the next one in the same process has the clients as they were.
import { mockClient } from 'aws-sdk-client-mock';

const mocks = new Set<{ restore(): unknown }>();

/** As `mockClient`, for as long as the test file runs. */
export const mocked: typeof mockClient = (client) => {
  const mock = mockClient(client);
  mocks.add(mock);
  return mock;
};

export function endMocks(): void {
  for (const mock of mocks) mock.restore();
  mocks.clear();
}
