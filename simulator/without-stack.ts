// Errors that a model of AWS throws. Most of them are ordinary answers, thousands in a drill: taking their stack costs more than
// all else about them, and it would be the model's.

export class WithoutStack extends Error {
  constructor(message?: string) {
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    super(message);
    Error.stackTraceLimit = stackTraceLimit;
  }
}
