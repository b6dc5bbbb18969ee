// Evaluates JSONata for moto: an expression as JSON in each line of the input, its value or its error in a line of the output.
import { createInterface } from 'node:readline';
import jsonata from 'jsonata';

for await (const line of createInterface(process.stdin)) {
  const answer = await jsonata(JSON.parse(line))
    .evaluate(undefined)
    .then(
      (value: unknown) => ({ value }),
      ({ message }: Error) => ({ error: message }),
    )
    .catch((error: unknown) => ({ error: String(error) }));
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
