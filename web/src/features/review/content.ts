// What a listing says, laid out so that two versions can be compared field by field.
import type { OperateReviewedFragment, OperateWorkingVersionFragment } from "./operate-review.generated";

/** What both a published listing and a version in review say. */
type Content = Pick<
  OperateReviewedFragment & OperateWorkingVersionFragment,
  "nameEn" | "nameZh" | "summaryEn" | "summaryZh" | "licence" | "capabilities" | "dataset" | "model" | "computeTier" | "solution"
>;

/** The fields of a content in reading order; capabilities and components by themselves, so that their order says nothing. */
export function comparable(content: Content): object {
  const { nameEn, nameZh, summaryEn, summaryZh, licence, capabilities, dataset, model, computeTier, solution } = content;
  return {
    nameEn,
    nameZh,
    summaryEn,
    summaryZh,
    licence,
    capability: byKey(capabilities.map(({ slug, name }) => [slug, name])),
    dataset: plain(dataset),
    model: plain(model),
    computeTier: plain(computeTier),
    solution: solution === null ? null : { ...plain(solution), componentIds: undefined },
    component: byKey((solution?.componentIds ?? []).map((id) => [id, id])),
  };
}

/** The paths of single capabilities and components, which no catalogue of messages can name. */
export function namedPaths(...contents: (Content | null)[]): { capabilities: Map<string, string>; components: string[] } {
  const present = contents.filter((content) => content !== null);
  return {
    capabilities: new Map(present.flatMap(({ capabilities }) => capabilities.map(({ slug, name }) => [slug, name] as const))),
    components: [...new Set(present.flatMap(({ solution }) => solution?.componentIds ?? []))],
  };
}

function byKey(entries: [string, string][]): Record<string, string> {
  return Object.fromEntries([...entries].sort(([left], [right]) => (left < right ? -1 : 1)));
}

function plain<Part extends object>(part: (Part & { __typename?: string }) | null): object | null {
  if (part === null) return null;
  const { __typename, ...rest } = part;
  return rest;
}
