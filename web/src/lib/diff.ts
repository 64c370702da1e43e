// Compares two values field by field.
export interface FieldChange {
  /** The path to the field, dotted. */
  field: string;
  /** The text of the value; null where the field isn't there. */
  before: string | null;
  after: string | null;
}

/** Gives every field of either value, in the order of the first, then what only the second has. */
export function compareFields(before: unknown, after: unknown): FieldChange[] {
  const [left, right] = [flatten(before), flatten(after)];
  const fields = new Set([...left.keys(), ...right.keys()]);
  return [...fields].map((field) => ({ field, before: left.get(field) ?? null, after: right.get(field) ?? null }));
}

function flatten(value: unknown, path = "", into = new Map<string, string>()): Map<string, string> {
  if (value === null || value === undefined) return into;
  if (typeof value !== "object") return into.set(path, String(value));
  for (const [key, each] of Object.entries(value)) flatten(each, path === "" ? key : `${path}.${key}`, into);
  return into;
}
