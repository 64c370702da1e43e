// One submission: what differs, whether it works, and the answer.
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { useQuery } from "urql";
import { Decision } from "@/features/review/decision";
import { Differences } from "@/features/review/differences";
import { OperateReview, type OperateReviewedFragment } from "@/features/review/operate-review.generated";
import { ProbeResults } from "@/features/review/probe-results";
import { ReviewFacts, ReviewOffers } from "@/features/review/review-facts";
import { useHead } from "@/lib/head";
import { useApiLanguage, useSay } from "@/lib/say";
import { Failure } from "@/ui/failure";
import { PageHeader, Section } from "@/ui/page";
import { ErrorState, Notice, Skeleton } from "@/ui/state";

const route = getRouteApi("/operate/review/$id");

export function Reviewed() {
  const say = useSay();
  const { id } = route.useParams();
  const language = useApiLanguage();
  const [{ data, error, fetching }, reread] = useQuery({ query: OperateReview, variables: { id, language } });
  const listing = data?.node?.__typename === "Listing" ? data.node : null;
  const title = listing?.workingVersion?.[language === "ZH" ? "nameZh" : "nameEn"] ?? listing?.shownName;
  useHead(title ?? say("operate.review.title"));
  const crumbs = [
    <Link key="queue" to="/operate/review">
      {say("operate.review.title")}
    </Link>,
  ];
  if (listing !== null) return <Submission listing={listing} title={title ?? listing.slug} crumbs={crumbs} />;
  return (
    <>
      <PageHeader title={say("operate.review.title")} breadcrumbs={crumbs} />
      {error !== undefined && data === undefined && <Failure error={error} onRetry={() => reread({ requestPolicy: "network-only" })} />}
      {fetching && data === undefined && <Skeleton lines={6} />}
      {data !== undefined && !fetching && <ErrorState kind="missing" />}
    </>
  );
}

interface SubmissionProps {
  listing: OperateReviewedFragment;
  title: string;
  crumbs: React.ReactNode[];
}

function Submission({ listing, title, crumbs }: SubmissionProps) {
  const say = useSay();
  const navigate = useNavigate();
  return (
    <>
      <PageHeader
        title={<bdi>{title}</bdi>}
        lead={listing.slug}
        breadcrumbs={crumbs}
        actions={listing.isInReview === true && <Decision listing={listing} onAnswered={() => void navigate({ to: "/operate/review" })} />}
      />
      <ReviewFacts listing={listing} />
      <Section
        title={say("operate.review.differences")}
        note={
          listing.version === null
            ? say("operate.review.differences.first")
            : say("operate.review.differences.next", { before: listing.version.number, after: listing.version.number + 1 })
        }
      >
        {listing.isInReview !== true && <Notice>{say("operate.review.notInReview")}</Notice>}
        <Differences listing={listing} />
      </Section>
      {listing.kind === "MODEL" && <ProbeResults listingId={listing.id} />}
      <ReviewOffers listing={listing} />
    </>
  );
}
