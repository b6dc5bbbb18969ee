// The part of dynalite, a DynamoDB server that ships no types, that the tests use.
declare module 'dynalite' {
  import type { Server } from 'node:http';
  export default function dynalite(options: { readonly createTableMs: number }): Server;
}
