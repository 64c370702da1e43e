// Holds the language of the page and keeps the document's own language, title and description in step with it.
import { useEffect, useState, type ReactNode } from "react";
import { IntlProvider, useIntl } from "react-intl";
import { initialLocale, LANGUAGE_TAG, saveLocale, type Locale } from "./lib/locale";
import { MESSAGES } from "./messages";
import { Landing } from "./routes/landing";

const RICH_TEXT = { code: (chunks: ReactNode[]) => <code>{chunks}</code> };

export function App() {
  const [locale, setLocale] = useState<Locale>(initialLocale);
  const choose = (next: Locale) => {
    saveLocale(next);
    setLocale(next);
  };
  return (
    <IntlProvider locale={locale} defaultLocale="en" messages={MESSAGES[locale]} defaultRichTextElements={RICH_TEXT}>
      <DocumentLanguage locale={locale} />
      <Landing locale={locale} onLocale={choose} />
    </IntlProvider>
  );
}

function DocumentLanguage({ locale }: { locale: Locale }) {
  const intl = useIntl();
  useEffect(() => {
    document.documentElement.lang = LANGUAGE_TAG[locale];
    document.title = intl.formatMessage({ id: "page.title" });
    document
      .querySelector('meta[name="description"]')
      ?.setAttribute("content", intl.formatMessage({ id: "page.description" }));
  }, [intl, locale]);
  return null;
}
