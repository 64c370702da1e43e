// Chooses light, dark or what the system prefers. The choice stands on the document's root and is kept.
import { useState } from "react";
import { useIntl } from "react-intl";
import switchStyles from "./language-switch.module.css";

export const THEMES = ["system", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

const STORAGE_KEY = "tallystick.theme";

/** Puts the kept theme on the document; run it once before the first paint. */
export function startTheme(): void {
  applyTheme(savedTheme());
}

function applyTheme(theme: Theme): void {
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}

function savedTheme(): Theme {
  try {
    const saved = localStorage.getItem(STORAGE_KEY);
    return THEMES.find((theme) => theme === saved) ?? "system";
  } catch {
    // Private windows and strict cookie settings refuse storage.
    return "system";
  }
}

function saveTheme(theme: Theme): void {
  try {
    localStorage.setItem(STORAGE_KEY, theme);
  } catch {
    // The choice then lasts as long as the page.
  }
}

export function ThemeSwitch() {
  const intl = useIntl();
  const [theme, setTheme] = useState<Theme>(savedTheme);
  const choose = (next: Theme) => {
    applyTheme(next);
    saveTheme(next);
    setTheme(next);
  };
  return (
    <div className={switchStyles.group} role="group" aria-label={intl.formatMessage({ id: "ui.theme.label" })}>
      {THEMES.map((each) => (
        <button
          key={each}
          type="button"
          className={switchStyles.choice}
          aria-pressed={each === theme}
          onClick={() => choose(each)}
        >
          {intl.formatMessage({ id: `ui.theme.${each}` })}
        </button>
      ))}
    </div>
  );
}
