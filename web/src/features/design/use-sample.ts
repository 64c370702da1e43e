// Sample sentences stand beside the part that shows them, in both languages; they are no messages of the product.
import { useIntl } from "react-intl";

/** Gives the function that picks the sentence in the page's language. */
export function useSample(): (en: string, zh: string) => string {
  const { locale } = useIntl();
  return (en, zh) => (locale === "zh" ? zh : en);
}
