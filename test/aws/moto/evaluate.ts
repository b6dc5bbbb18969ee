// Evaluates JSONata for moto: each line of the input is an expression, as JSON; one of the output its value or error.
import { createInterface } from 'node:readline';
import jsonata from 'jsonata';

async function evaluate(expression: string): Promise<{ readonly value: unknown } | { readonly error: string }> {
  try {
    return { value: await jsonata(expression).evaluate(undefined) };
  } catch (error) {
    return { error: (error as Error).message };
  }
}

for await (const line of createInterface(process.stdin))
  process.stdout.write(`${JSON.stringify(await evaluate(JSON.parse(line)))}\n`);
