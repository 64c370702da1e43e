// What is in review against what is on the market, field by field.
import { useSay } from "@/lib/say";
import type { MessageId } from "@/messages";
import { Diff } from "@/ui/diff";
import { comparable, namedPaths } from "./content";
import type { OperateReviewedFragment } from "./operate-review.generated";

const FIELDS = [
  "nameEn",
  "nameZh",
  "summaryEn",
  "summaryZh",
  "licence",
  "dataset.mediaType",
  "dataset.downloadUrl",
  "dataset.sha256",
  "dataset.bytes",
  "dataset.rows",
  "dataset.provenanceEn",
  "dataset.provenanceZh",
  "model.endpoint",
  "model.framework",
  "model.placement",
  "model.isRepeatable",
  "computeTier.chip",
  "computeTier.chipCount",
  "computeTier.memoryGib",
  "computeTier.purpose",
  "computeTier.placement",
  "solution.deliverablesEn",
  "solution.deliverablesZh",
] as const;

export function Differences({ listing }: { listing: OperateReviewedFragment }) {
  const say = useSay();
  const before = listing.version === null ? null : listing;
  const after = listing.workingVersion;
  const { capabilities, components } = namedPaths(before, after);
  const labels = Object.fromEntries([
    ...FIELDS.map((field) => [field, say(`operate.field.${field}` as MessageId)]),
    ...[...capabilities].map(([slug]) => [`capability.${slug}`, say("operate.field.capability", { slug })]),
    ...components.map((id) => [`component.${id}`, say("operate.field.component")]),
  ]) as Record<string, string>;
  return (
    <Diff
      caption={say("operate.review.differences")}
      before={before === null ? null : comparable(before)}
      after={after === null ? null : comparable(after)}
      labels={labels}
    />
  );
}
