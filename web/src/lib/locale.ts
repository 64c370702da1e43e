// Which language the page speaks: the visitor's own choice, else the browser's, else English. The choice is kept in a
// cookie, so that the server knows it as well: its head is in that language and names the words to load first.
export const LOCALES = ["en", "zh"] as const;
export type Locale = (typeof LOCALES)[number];

const COOKIE = "tallystick_language";
const YEAR_SECONDS = 31_536_000;

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

/** Remembers the visitor's choice; where cookies are refused the choice lasts as long as the page. */
export function saveLocale(locale: Locale): void {
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `${COOKIE}=${locale}; Path=/; Max-Age=${YEAR_SECONDS}; SameSite=Lax${secure}`;
}

function savedLocale(): string | null {
  return localeIn(document.cookie);
}

/** The value of the language's cookie among others; null where it is not there. */
export function localeIn(cookies: string): string | null {
  const pair = cookies.split(";").map((each) => each.trim()).find((each) => each.startsWith(`${COOKIE}=`));
  return pair?.slice(COOKIE.length + 1) ?? null;
}
