// Chooses light, dark or what the system prefers.
import { useIntl } from "react-intl";
import { THEMES, useTheme, type Theme } from "../lib/theme";
import styles from "./theme-switch.module.css";

export function ThemeSwitch() {
  const intl = useIntl();
  const [theme, choose] = useTheme();
  return (
    <select
      className={styles.theme}
      aria-label={intl.formatMessage({ id: "ui.theme.label" })}
      value={theme}
      onChange={(event) => choose(event.target.value as Theme)}
    >
      {THEMES.map((each) => (
        <option key={each} value={each}>
          {intl.formatMessage({ id: `ui.theme.${each}` })}
        </option>
      ))}
    </select>
  );
}
