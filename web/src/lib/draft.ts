// What is typed into a long form, kept over an accidental reload of this tab. Secrets do not belong into a draft.
import { useCallback, useEffect, useState } from "react";

interface Draft<Value> {
  draft: Value;
  /** Changes some of its fields. */
  change: (next: Partial<Value>) => void;
  /** Forgets what was kept, once it has been sent. */
  forget: () => void;
  /** Begins anew from `to`, by default from where it began, and forgets what was kept. */
  reset: (to?: Value) => void;
  /** Whether anything differs from where it began. */
  isChanged: boolean;
  /** Whether it holds what was typed before a reload. */
  isRestored: boolean;
}

/** A form's values under a key of this tab; what an older page kept is laid over `initial`. */
export function useDraft<Value extends object>(key: string, initial: Value): Draft<Value> {
  const name = `tallystick.draft.${key}`;
  const [start, setStart] = useState(initial);
  const [first] = useState(() => ({ ...initial, ...readDraft(name, initial) }));
  const [draft, setDraft] = useState<Value>(first);
  const isChanged = !isSame(draft, start);
  useEffect(() => (isChanged ? keep(name, draft) : drop(name)), [name, draft, isChanged]);
  const change = useCallback((next: Partial<Value>) => setDraft((before) => ({ ...before, ...next })), []);
  const forget = useCallback(() => drop(name), [name]);
  const reset = (to: Value = start) => {
    setStart(to);
    setDraft(to);
    drop(name);
  };
  return { draft, change, forget, reset, isChanged, isRestored: isChanged && draft === first };
}

function isSame(left: object, right: object): boolean {
  return JSON.stringify(left) === JSON.stringify(right);
}

/** Reads what was kept of a form: of its fields those that still exist and are of the same type. */
export function readDraft<Value extends object>(name: string, initial: Value): Partial<Value> {
  try {
    const value: unknown = JSON.parse(sessionStorage.getItem(name) ?? "{}");
    if (typeof value !== "object" || value === null) return {};
    const kept: Record<string, unknown> = { ...value };
    const fields = Object.entries(initial).filter(([field, like]) => field in kept && isLike(kept[field], like));
    return Object.fromEntries(fields.map(([field]) => [field, kept[field]])) as Partial<Value>;
  } catch {
    return {};
  }
}

function isLike(value: unknown, like: unknown): boolean {
  return typeof value === typeof like && Array.isArray(value) === Array.isArray(like) && (value === null) === (like === null);
}

function keep(name: string, value: object): void {
  try {
    sessionStorage.setItem(name, JSON.stringify(value));
  } catch {
    // Where storage is forbidden or full the draft lasts as long as the page.
  }
}

function drop(name: string): void {
  try {
    sessionStorage.removeItem(name);
  } catch {
    // Nothing was kept there.
  }
}
