// What can be chosen in filters: whatever was used in the last year, by the names that people know.
import { useCallback, useMemo } from "react";
import { useQuery } from "urql";
import { useApiLanguage } from "@/lib/say";
import { UsageChoices } from "./usage.generated";

export interface Named {
  value: string;
  label: string;
}

const YEAR_MS = 366 * 86_400_000;

interface Choices {
  capabilities: Named[];
  agreements: Named[];
  principals: Named[];
  /** Reads them anew: somebody may have called for the first time. */
  reread: () => void;
}

/** Capabilities, agreements and callers with usage; empty until they are read. */
export function useChoices(): Choices {
  const language = useApiLanguage();
  // By the day, so that going from page to page asks only once.
  const from = new Date(Date.now() - YEAR_MS).toISOString().slice(0, 10);
  const [{ data }, ask] = useQuery({
    query: UsageChoices,
    variables: { language, from: `${from}T00:00:00Z` },
    requestPolicy: "cache-first",
  });
  const reread = useCallback(() => ask({ requestPolicy: "network-only" }), [ask]);
  return useMemo(
    () => ({
      reread,
      capabilities: named(data?.capabilities.groups),
      agreements: named(data?.agreements.groups),
      principals: named(data?.principals.groups),
    }),
    [data, reread],
  );
}

function named(groups: readonly { key: string; label: string | null }[] = []): Named[] {
  return groups.map(({ key, label }) => ({ value: key, label: label ?? key })).sort((a, b) => a.label.localeCompare(b.label));
}

/** The choices, with the chosen one among them even where nothing of it was used. */
export function withChosen(choices: Named[], chosen: string | undefined): Named[] {
  return chosen === undefined || choices.some(({ value }) => value === chosen) ? choices : [...choices, { value: chosen, label: chosen }];
}
