// Light or dark: the system's wish, unless the visitor has chosen.
import { useSyncExternalStore } from "react";

export const THEMES = ["system", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

const STORAGE_KEY = "tallystick.theme";
const listeners = new Set<() => void>();
let theme: Theme = saved();

/** Applies the saved choice; called once before the first paint. */
export function applyTheme(): void {
  if (theme === "system") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = theme;
}

/** The visitor's choice and how to change it. */
export function useTheme(): [Theme, (theme: Theme) => void] {
  const chosen = useSyncExternalStore(listen, () => theme);
  return [chosen, choose];
}

function choose(next: Theme): void {
  theme = next;
  applyTheme();
  listeners.forEach((listener) => listener());
  try {
    localStorage.setItem(STORAGE_KEY, next);
  } catch {
    // Where storage is forbidden the choice lasts as long as the page.
  }
}

function listen(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function saved(): Theme {
  try {
    const value = localStorage.getItem(STORAGE_KEY);
    return THEMES.find((each) => each === value) ?? "system";
  } catch {
    return "system";
  }
}
