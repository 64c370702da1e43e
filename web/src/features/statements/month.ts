// Months of statements, which are calendar months in UTC.
import { useCallback } from "react";
import { useIntl } from "react-intl";

/** Gives the function that writes the UTC month of an instant. */
export function useMonth(): (instant: string) => string {
  const intl = useIntl();
  return useCallback((instant) => intl.formatDate(instant, { year: "numeric", month: "long", timeZone: "UTC" }), [intl]);
}
