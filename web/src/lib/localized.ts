// A text in English, Chinese or both, as forms hold it and the API takes and gives it.
export interface Localized {
  en: string;
  zh: string;
}

export const NO_TEXT: Localized = { en: "", zh: "" };

/** The API's `LocalizedInput`: blank languages are left out. */
export function localizedInput({ en, zh }: Localized): { en?: string; zh?: string } {
  return { ...(en.trim() === "" ? {} : { en: en.trim() }), ...(zh.trim() === "" ? {} : { zh: zh.trim() }) };
}

/**
 * Undoes the API's falling back to the other language: a text that is the same in both was written once,
 * in Chinese where it has a Chinese character.
 */
export function unfolded(en: string, zh: string): Localized {
  if (en !== zh) return { en, zh };
  return /\p{Script=Han}/u.test(en) ? { en: "", zh } : { en, zh: "" };
}

/** The text in a language, or in the other where it is missing. */
export function textIn({ en, zh }: Localized, locale: string): string {
  const [first, second] = locale === "zh" ? [zh, en] : [en, zh];
  return first.trim() === "" ? second : first;
}

export type LocalizedProblem = "empty" | "too-long" | "control";

/** Says what is wrong with a text by the platform's rules, or null; `max` in characters of each language. */
export function localizedProblem({ en, zh }: Localized, max: number): LocalizedProblem | null {
  if (en.trim() === "" && zh.trim() === "") return "empty";
  if ([en, zh].some((text) => [...text.trim()].length > max)) return "too-long";
  return [en, zh].some(misleads) ? "control" : null;
}

/** Tells whether a text holds control or direction-override characters, which the platform refuses. */
export function misleads(text: string): boolean {
  return /[\p{Cc}\u202a-\u202e\u2066-\u2069]/u.test(text.replace(/[\n\t]/g, ""));
}
