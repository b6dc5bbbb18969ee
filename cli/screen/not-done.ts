// What a person asked for rightly and could not be done now; becomes one line and exit status 1.

export class NotDone extends Error {
  override readonly name = 'NotDone';
}
