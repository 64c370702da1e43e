// What can be chosen in filters: whatever was used in the last year, by the names that people know.
import { useCallback, useMemo } from "react";
import { useQuery } from "urql";
import type { InvocationKind } from "@/gql/types";
import { useApiLanguage, useSay } from "@/lib/say";
import { callerName } from "./caller-name";
import { UsageChoices } from "./usage.generated";

export interface Named {
  value: string;
  label: string;
}

const YEAR_MS = 366 * 86_400_000;

interface Group {
  key: string;
  label: string | null;
}

interface Choices {
  capabilities: Named[];
  agreements: Named[];
  principals: Named[];
  /** What the caller of a call, or whoever reported, goes by; the id where that is not read. */
  nameOf: (principal: string, kind: InvocationKind) => string;
  /** Reads them anew: somebody may have called for the first time. */
  reread: () => void;
}

/** Capabilities, agreements and callers with usage; empty until they are read. */
export function useChoices(): Choices {
  const say = useSay();
  const language = useApiLanguage();
  // By the day, so that going from page to page asks only once.
  const from = new Date(Date.now() - YEAR_MS).toISOString().slice(0, 10);
  const [{ data }, ask] = useQuery({
    query: UsageChoices,
    variables: { language, from: `${from}T00:00:00Z` },
    requestPolicy: "cache-first",
  });
  const reread = useCallback(() => ask({ requestPolicy: "network-only" }), [ask]);
  return useMemo(() => {
    const callers = new Map(data?.principals.groups.map((caller) => [caller.key, caller]));
    return {
      reread,
      capabilities: named(data?.capabilities.groups),
      agreements: named(data?.agreements.groups),
      principals: named(data?.principals.groups, (caller) => callerName(caller, say)),
      nameOf: (principal, kind) => {
        const caller = callers.get(principal);
        return caller === undefined ? principal : callerName(caller, say, kind);
      },
    };
  }, [data, reread, say]);
}

function named(groups: readonly Group[] = [], nameOf = ({ key, label }: Group) => label ?? key): Named[] {
  return groups.map((group) => ({ value: group.key, label: nameOf(group) })).sort((a, b) => a.label.localeCompare(b.label));
}

/** The choices, with the chosen one among them even where nothing of it was used. */
export function withChosen(choices: Named[], chosen: string | undefined): Named[] {
  return chosen === undefined || choices.some(({ value }) => value === chosen) ? choices : [...choices, { value: chosen, label: chosen }];
}
