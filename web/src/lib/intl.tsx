// The language of the pages: chosen once for all tabs of a browser, its catalogues loaded by area.
import { createContext, use, useContext, useEffect, useMemo, useState, useTransition, type ReactNode } from "react";
import { IntlProvider, useIntl } from "react-intl";
import { CATALOGUES, type Area, type Messages } from "@/messages";
import { initialLocale, LANGUAGE_TAG, saveLocale, type Locale } from "./locale";

interface Choice {
  locale: Locale;
  choose: (locale: Locale) => void;
}

const RICH_TEXT = {
  code: (chunks: ReactNode[]) => <code>{chunks}</code>,
  b: (chunks: ReactNode[]) => <strong>{chunks}</strong>,
};
/** A message that is missing or lacks a value would else show its id without a word: the browser tests hear of it. */
const complain = (error: Error) => console.error(error.message);
const Chosen = createContext<Choice | null>(null);
/** The language of this tab; read from the address and the browser when it is first asked for. */
let spoken: Locale | null = null;
const loaded = new Map<string, Promise<Messages>>();

/** The language and how to choose another. */
export function useLocale(): Choice {
  const choice = useContext(Chosen);
  if (choice === null) throw new Error("useLocale outside of Language");
  return choice;
}

/** Holds the language; everything that speaks is inside. */
export function Language({ children }: { children: ReactNode }) {
  const [locale, setLocale] = useState<Locale>(currentLocale);
  const [, startTransition] = useTransition();
  const choice = useMemo<Choice>(
    () => ({
      locale,
      choose: (next) => {
        spoken = next;
        saveLocale(next);
        startTransition(() => setLocale(next));
      },
    }),
    [locale],
  );
  useEffect(() => {
    document.documentElement.lang = LANGUAGE_TAG[locale];
  }, [locale]);
  return (
    <Chosen value={choice}>
      <IntlProvider
        locale={locale}
        defaultLocale="en"
        messages={use(messages("common", locale)) as never}
        defaultRichTextElements={RICH_TEXT}
        onError={complain}
      >
        {children}
      </IntlProvider>
    </Chosen>
  );
}

/** Adds an area's own catalogue. */
export function AreaLanguage({ area, children }: { area: Exclude<Area, "common">; children: ReactNode }) {
  const { locale } = useLocale();
  const outer = useIntl();
  const own = use(messages(area, locale));
  const all = useMemo(() => ({ ...outer.messages, ...own }) as Messages, [outer.messages, own]);
  return (
    <IntlProvider locale={locale} defaultLocale="en" messages={all as never} defaultRichTextElements={RICH_TEXT} onError={complain}>
      {children}
    </IntlProvider>
  );
}

/** The language, for what is no component. */
export function currentLocale(): Locale {
  spoken ??= initialLocale();
  return spoken;
}

/** Loads the catalogues of areas, so that they are at hand when the areas are drawn. */
export async function loadLanguage(...areas: Area[]): Promise<void> {
  const locale = currentLocale();
  await Promise.all(areas.map((area) => messages(area, locale)));
}

function messages(area: Area, locale: Locale): Promise<Messages> {
  const key = `${area}.${locale}`;
  const known = loaded.get(key);
  if (known !== undefined) return known;
  const loading = CATALOGUES[area][locale]();
  loaded.set(key, loading);
  loading.then(
    // React reads a promise that says so without waiting; any other, even a kept one, makes it draw a fallback first.
    (value) => Object.assign(loading, { status: "fulfilled", value }),
    () => loaded.delete(key),
  );
  return loading;
}
