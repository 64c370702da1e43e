// Short ways to what every page asks of react-intl: a message, and the API's name of the reader's language.
import { useCallback } from "react";
import { useIntl, type IntlShape } from "react-intl";
import type { MessageId } from "@/messages";

type Values = Parameters<IntlShape["formatMessage"]>[1] & Record<string, string | number>;

/** Writes a message in the reader's language. */
export type Say = (id: MessageId, values?: Values) => string;

/** Gives the function that writes a message in the reader's language. */
export function useSay(): Say {
  const intl = useIntl();
  return useCallback((id, values) => intl.formatMessage({ id }, values), [intl]);
}

/** The reader's language as the API's enum `Language`. */
export function useApiLanguage(): "EN" | "ZH" {
  return useIntl().locale === "zh" ? "ZH" : "EN";
}
