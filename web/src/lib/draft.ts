// What is typed into a long form, kept over an accidental reload of this tab. Secrets do not belong into a draft.
import { useCallback, useEffect, useState } from "react";

interface Draft<Value> {
  draft: Value;
  change: (next: Partial<Value>) => void;
  /** Forgets what was kept, once it has been sent. */
  forget: () => void;
}

/** A form's values under a key of this tab; what an older page kept is laid over `initial`. */
export function useDraft<Value extends object>(key: string, initial: Value): Draft<Value> {
  const name = `tallystick.draft.${key}`;
  const [draft, setDraft] = useState<Value>(() => ({ ...initial, ...kept<Value>(name) }));
  useEffect(() => keep(name, draft), [name, draft]);
  const change = useCallback((next: Partial<Value>) => setDraft((before) => ({ ...before, ...next })), []);
  const forget = useCallback(() => drop(name), [name]);
  return { draft, change, forget };
}

function kept<Value>(name: string): Partial<Value> {
  try {
    const value: unknown = JSON.parse(sessionStorage.getItem(name) ?? "{}");
    return typeof value === "object" && value !== null ? (value as Partial<Value>) : {};
  } catch {
    return {};
  }
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
