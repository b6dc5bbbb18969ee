// Before each test file: the clients' `send` is exchanged for the simulation's once, under any mock. After it mocks end.
import '../simulator/sdk.ts';
import { afterAll } from 'vitest';
import { endMocks } from './mocked.ts';

afterAll(endMocks);
