// A contract's JSON Schema as people read it: one line per field, from the outside in.

/** What of JSON Schema 2020-12 the contracts use. */
export interface Schema {
  type?: string | string[];
  title?: string;
  description?: string;
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: boolean | Schema;
  items?: Schema;
  enum?: unknown[];
  const?: unknown;
  anyOf?: Schema[];
  oneOf?: Schema[];
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  minItems?: number;
  maxItems?: number;
  pattern?: string;
  format?: string;
  contentEncoding?: string;
  contentMediaType?: string;
}

/** One field of a contract. */
export interface ContractField {
  /** From the root: `tokens[].start`. */
  path: string;
  depth: number;
  /** What may stand there: `string`, `integer`, `list of number`, `number | null`. */
  type: string;
  isRequired: boolean;
  /** The values it may have, where they are listed. */
  choices: string[];
  /** Its bounds, as `1…20000`; empty where there are none. */
  bounds: string;
  description: string | undefined;
}

const DEPTH_MAX = 5;

/** Flattens a schema into its fields, in the schema's order, at most five levels deep. */
export function contractFields(schema: Schema): ContractField[] {
  return below(schema, "", 0);
}

function below(schema: Schema, prefix: string, depth: number): ContractField[] {
  if (depth >= DEPTH_MAX) return [];
  const inner = schema.items;
  if (inner !== undefined) return below(inner, `${prefix}[]`, depth);
  const properties = Object.entries(schema.properties ?? {});
  return inReadingOrder(properties, schema.required ?? []).flatMap(([name, property]) => {
    const path = prefix === "" ? name : `${prefix}.${name}`;
    const isRequired = schema.required?.includes(name) ?? false;
    return [fieldOf(property, path, depth, isRequired), ...below(property, path, depth + 1)];
  });
}

/** Puts what is required first; the gateway's JSON does not keep the author's order. */
export function inReadingOrder(properties: [string, Schema][], required: string[]): [string, Schema][] {
  const rank = (name: string) => {
    const at = required.indexOf(name);
    return at < 0 ? required.length : at;
  };
  return [...properties].sort(([a], [b]) => rank(a) - rank(b));
}

function fieldOf(schema: Schema, path: string, depth: number, isRequired: boolean): ContractField {
  return {
    path,
    depth,
    type: typeOf(schema),
    isRequired,
    choices: (schema.enum ?? (schema.const === undefined ? [] : [schema.const])).map((value) => JSON.stringify(value)),
    bounds: boundsOf(schema),
    description: schema.description ?? schema.title,
  };
}

/** Names the type of a schema in JSON Schema's own words. */
export function typeOf(schema: Schema): string {
  const alternatives = schema.anyOf ?? schema.oneOf;
  if (alternatives !== undefined) return [...new Set(alternatives.map(typeOf))].join(" | ");
  if (schema.contentEncoding !== undefined) return `string (${schema.contentEncoding})`;
  if (Array.isArray(schema.type)) return schema.type.join(" | ");
  if (schema.items !== undefined) return `array of ${typeOf(schema.items)}`;
  if (schema.type !== undefined) return schema.type;
  const values = schema.enum ?? (schema.const === undefined ? [] : [schema.const]);
  const kinds = new Set(values.map((value) => (value === null ? "null" : typeof value)));
  return kinds.size === 0 ? "any" : [...kinds].join(" | ");
}

function boundsOf(schema: Schema): string {
  const range = (least: number | undefined, most: number | undefined) =>
    least === undefined && most === undefined ? "" : `${short(least)}…${short(most)}`;
  const parts = [
    range(schema.minLength, schema.maxLength),
    range(schema.minimum, schema.maximum),
    range(schema.minItems, schema.maxItems),
    schema.pattern ?? "",
  ];
  return parts.filter((part) => part !== "").join(", ");
}

function short(bound: number | undefined): string {
  if (bound === undefined) return "";
  return Math.abs(bound) >= 1e7 || (bound !== 0 && Math.abs(bound) < 1e-4) ? bound.toExponential().replace("+", "") : String(bound);
}
