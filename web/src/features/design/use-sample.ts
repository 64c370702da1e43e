// Sample sentences stand beside the part that shows them, in both languages; they are no messages of the product.
import { createContext, useContext } from "react";
import { useIntl } from "react-intl";

/** The name of the pane, in which each sample stands once more: it keeps the names of regions apart. */
export const PaneContext = createContext("");

/** Gives the function that names a region of this pane. */
export function usePaneLabel(): (label: string) => string {
  const pane = useContext(PaneContext);
  return (label) => `${label} · ${pane}`;
}

/** Gives the function that picks the sentence in the page's language. */
export function useSample(): (en: string, zh: string) => string {
  const { locale } = useIntl();
  return (en, zh) => (locale === "zh" ? zh : en);
}
