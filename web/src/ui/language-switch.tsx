// Chooses the language of the page; each language is named in itself.
import { useIntl } from "react-intl";
import { LANGUAGE_TAG, LOCALES, type Locale } from "../lib/locale";
import styles from "./language-switch.module.css";

const OWN_NAME: Record<Locale, string> = { en: "English", zh: "中文" };

interface Props {
  locale: Locale;
  onLocale: (locale: Locale) => void;
}

export function LanguageSwitch({ locale, onLocale }: Props) {
  const intl = useIntl();
  return (
    <div className={styles.group} role="group" aria-label={intl.formatMessage({ id: "language.label" })}>
      {LOCALES.map((each) => (
        <button
          key={each}
          type="button"
          className={styles.choice}
          lang={LANGUAGE_TAG[each]}
          aria-pressed={each === locale}
          onClick={() => onLocale(each)}
        >
          {OWN_NAME[each]}
        </button>
      ))}
    </div>
  );
}
