// Follows the organization's usage as it is recorded.
import { useState } from "react";
import { useLive, type LiveState } from "@/lib/live";
import { useApiLanguage } from "@/lib/say";
import { LiveUsage as LiveUsageDocument } from "./live.generated";
import { heard, NOTHING_HEARD, type LiveUsage } from "./live-usage";

/** What was heard since the page was opened, and how the connection stands. */
export function useLiveUsage(enabled: boolean): LiveUsage & { state: LiveState } {
  const language = useApiLanguage();
  const [usage, setUsage] = useState<LiveUsage>(NOTHING_HEARD);
  const state = useLive({
    document: LiveUsageDocument,
    enabled,
    variables: (after) => ({ after, language }),
    onMessage: ({ usageRecorded }) => {
      setUsage((before) => heard(before, usageRecorded));
      return usageRecorded.cursor;
    },
  });
  return { ...usage, state };
}
