// Runs a function as Lambda does: the handler that the environment names gets the event, and what it gives is answered.
import { text } from 'node:stream/consumers';

const { LAMBDA_TASK_ROOT = '', _HANDLER = '', AWS_LAMBDA_FUNCTION_NAME = '' } = process.env;
const [, file = '', name = ''] = /^(.+)\.(\w+)$/.exec(_HANDLER) ?? [];

/** The last line, after what the function logs. A function that has answered is not waited for. */
function answer(value: unknown, status: number): void {
  process.stdout.write(`\n${JSON.stringify(value ?? null)}\n`, () => process.exit(status));
}

try {
  const { [name]: handler } = await import(`${LAMBDA_TASK_ROOT}/${file}.mjs`);
  const event: unknown = JSON.parse(await text(process.stdin));
  answer(await handler(event, { awsRequestId: crypto.randomUUID(), functionName: AWS_LAMBDA_FUNCTION_NAME }), 0);
} catch (error) {
  const { name: errorType, message: errorMessage, stack } = error as Error;
  answer({ errorType, errorMessage, trace: stack?.split('\n') ?? [] }, 1);
}
