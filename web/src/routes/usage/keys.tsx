// API keys: made, shown once, revoked.
import { getRouteApi } from "@tanstack/react-router";
import { useState } from "react";
import { CreateKey, type MadeKey } from "@/features/accounts/create-key";
import { KeyTable } from "@/features/accounts/key-table";
import { MadeKeyNotice } from "@/features/accounts/made-key";
import { Needs } from "@/features/accounts/needs";
import { useHead } from "@/lib/head";
import { useSay } from "@/lib/say";
import { given } from "@/lib/search";
import { useMay } from "@/lib/viewer";
import { PageHeader } from "@/ui/page";

const route = getRouteApi("/usage/keys");

export function Keys() {
  const say = useSay();
  useHead(say("usage.keys.title"));
  const navigate = route.useNavigate();
  const may = useMay("ORGANIZATION_WRITE");
  const [made, setMade] = useState<MadeKey | null>(null);
  return (
    <>
      <PageHeader title={say("usage.keys.title")} lead={say("usage.keys.lead")} actions={may && <CreateKey onMade={setMade} />} />
      {made !== null && <MadeKeyNotice made={made} onKept={() => setMade(null)} />}
      <Needs scope="ORGANIZATION_WRITE">
        <KeyTable choice={route.useSearch()} go={(search) => void navigate({ search: given(search), resetScroll: false })} />
      </Needs>
    </>
  );
}
