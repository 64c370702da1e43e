// Which language the page speaks: the visitor's own choice, else the browser's, else English.
export const LOCALES = ["en", "zh"] as const;
export type Locale = (typeof LOCALES)[number];

const STORAGE_KEY = "tallystick.locale";

/** The value of the document's `lang` attribute for a locale. */
export const LANGUAGE_TAG: Record<Locale, string> = { en: "en", zh: "zh-CN" };

/** Picks the locale from what was saved before and the browser's languages, most preferred first. */
export function chooseLocale(saved: string | null, preferred: readonly string[]): Locale {
  const candidates = saved === null ? preferred : [saved, ...preferred];
  for (const tag of candidates) {
    const language = tag.toLowerCase().split("-")[0];
    const match = LOCALES.find((locale) => locale === language);
    if (match !== undefined) return match;
  }
  return "en";
}

/** The locale to start with: a link that names one (`?lang=zh`) wins over what was saved. */
export function initialLocale(): Locale {
  const named = new URLSearchParams(location.search).get("lang");
  return chooseLocale(named ?? savedLocale(), [savedLocale() ?? "", navigator.language, ...navigator.languages]);
}

/** Remembers the visitor's choice; where storage is forbidden the choice lasts as long as the page. */
export function saveLocale(locale: Locale): void {
  try {
    localStorage.setItem(STORAGE_KEY, locale);
  } catch {
    // Private windows and strict cookie settings refuse storage.
  }
}

function savedLocale(): string | null {
  try {
    return localStorage.getItem(STORAGE_KEY);
  } catch {
    return null;
  }
}
