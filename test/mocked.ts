// Mocks of SDK clients that end with their test file: the next one in the same process has the clients as they were.
import { mockClient } from 'aws-sdk-client-mock';

const mocks = new Set<{ restore(): unknown }>();

/** As `mockClient`, for as long as the test file runs. */
export const mocked: typeof mockClient = (client) => {
  const mock = mockClient(client);
  mocks.add(mock);
  return mock;
};

/** Undoes something else when the test file ends: a module that several files share registers its own `afterAll` with the first of them alone. */
export function undoneAtEnd(restore: () => void): void {
  mocks.add({ restore });
}

export function endMocks(): void {
  for (const mock of mocks) mock.restore();
  mocks.clear();
}
