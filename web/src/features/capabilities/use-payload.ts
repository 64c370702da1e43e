// The payload being written: as a form or as JSON, begun from an example, checked before it is sent.
import { useMemo, useState } from "react";
import { payloadFields, toPayload, toTexts, type PayloadField, type Problem, type Texts } from "./payload";
import type { Schema } from "./schema";

export type EditorMode = "form" | "json";

/** The editor's state and what can be done with it. */
export interface PayloadEditing {
  fields: PayloadField[];
  mode: EditorMode;
  setMode: (mode: EditorMode) => void;
  texts: Texts;
  setText: (name: string, text: string) => void;
  json: string;
  setJson: (json: string) => void;
  problems: Record<string, Problem>;
  /** Fills in an example anew. */
  load: (example: unknown) => void;
  /** What would be sent; null while something stands in the way. */
  payload: unknown;
}

/** Holds a payload that begins as `example`. Going from form to JSON and back keeps what was typed. */
export function usePayload(schema: Schema, example: unknown): PayloadEditing {
  const fields = useMemo(() => payloadFields(schema), [schema]);
  const [mode, setMode] = useState<EditorMode>("form");
  const [texts, setTexts] = useState<Texts>(() => toTexts(fields, example));
  const [json, setJson] = useState(() => pretty(example));
  const formed = useMemo(() => toPayload(fields, texts), [fields, texts]);
  const read = useMemo(() => parse(json), [json]);
  const problems: Record<string, Problem> = mode === "form" ? formed.problems : read === null ? { "": "json" } : {};
  const change = (next: EditorMode) => {
    if (next === "json") setJson(pretty(formed.payload));
    else if (read !== null) setTexts(toTexts(fields, read.value));
    setMode(next);
  };
  const load = (next: unknown) => {
    setTexts(toTexts(fields, next));
    setJson(pretty(next));
  };
  const payload = Object.keys(problems).length > 0 ? null : mode === "form" ? formed.payload : (read?.value ?? null);
  const setText = (name: string, text: string) => setTexts((before) => ({ ...before, [name]: text }));
  return { fields, mode, setMode: change, texts, setText, json, setJson, problems, load, payload };
}

function pretty(value: unknown): string {
  return JSON.stringify(value ?? {}, null, 2);
}

function parse(json: string): { value: unknown } | null {
  try {
    return { value: JSON.parse(json) as unknown };
  } catch {
    return null;
  }
}
