// Calls, one by one.
import { getRouteApi } from "@tanstack/react-router";
import { lazy, Suspense, useState } from "react";
import { Needs } from "@/features/accounts/needs";
import { CallFilters } from "@/features/usage/call-filters";
import { CallsCsv } from "@/features/usage/calls-csv";
import { useHead } from "@/lib/head";
import { useSay } from "@/lib/say";
import { PageHeader } from "@/ui/page";
import { Skeleton } from "@/ui/state";

const CallTable = lazy(async () => ({ default: (await import("@/features/usage/call-table")).CallTable }));
const route = getRouteApi("/usage/calls");

export function Calls() {
  const say = useSay();
  useHead(say("usage.calls.title"));
  const chosen = route.useSearch();
  const navigate = route.useNavigate();
  const [total, setTotal] = useState<number | null>(null);
  return (
    <>
      <PageHeader title={say("usage.calls.title")} lead={say("usage.calls.lead")} />
      <Needs scope="USAGE_READ">
        <CallFilters chosen={chosen} onChange={(search) => void navigate({ search, resetScroll: false, replace: true })}>
          <CallsCsv chosen={chosen} total={total?.toString()} />
        </CallFilters>
        <Suspense fallback={<Skeleton lines={12} />}>
          <CallTable chosen={chosen} onTotal={setTotal} />
        </Suspense>
      </Needs>
    </>
  );
}
