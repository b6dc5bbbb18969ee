// The part of asl-validator that is used here; the package brings no types.
declare module 'asl-validator' {
  export default function validate(definition: unknown): { isValid: boolean; errors: unknown[] };
}
