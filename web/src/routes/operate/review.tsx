// What waits for review.
import { getRouteApi } from "@tanstack/react-router";
import { ReviewQueue } from "@/features/review/review-queue";
import { useHead } from "@/lib/head";
import { useSay } from "@/lib/say";
import { PageHeader } from "@/ui/page";

const route = getRouteApi("/operate/review");

export function Review() {
  const say = useSay();
  const navigate = route.useNavigate();
  useHead(say("operate.review.title"));
  return (
    <>
      <PageHeader title={say("operate.review.title")} lead={say("operate.review.lead")} />
      <ReviewQueue paging={route.useSearch()} go={(paging) => void navigate({ search: paging })} />
    </>
  );
}
