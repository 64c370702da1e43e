// What a listing says, as its editor holds it: the fields of all four kinds, of which one kind's are sent.
import { localizedInput, NO_TEXT, unfolded, type Localized } from "@/lib/localized";
import { normalizeDecimal } from "@/lib/numbers";
import type { ListingContentInput } from "@/gql/types";
import type { ListingKind } from "./listing-kinds";
import type { SellListingFullFragment } from "./sell-listing.generated";

export const PLACEMENTS = ["CLOUD", "EDGE", "DEVICE", "ON_PREMISE"] as const;
export const PURPOSES = ["INFER", "TRAIN"] as const;

export interface ContentDraft {
  slug: string;
  name: Localized;
  summary: Localized;
  /** Slugs. */
  capabilities: string[];
  licence: string;
  mediaType: string;
  downloadUrl: string;
  sha256: string;
  bytes: string;
  rows: string;
  provenance: Localized;
  endpoint: string;
  framework: string;
  placement: (typeof PLACEMENTS)[number];
  isRepeatable: boolean;
  chip: string;
  chipCount: string;
  memoryGib: string;
  purpose: (typeof PURPOSES)[number];
  deliverables: Localized;
  /** Ids of listings. */
  components: string[];
}

export const EMPTY_CONTENT: ContentDraft = {
  slug: "",
  name: NO_TEXT,
  summary: NO_TEXT,
  capabilities: [],
  licence: "",
  mediaType: "text/csv",
  downloadUrl: "",
  sha256: "",
  bytes: "",
  rows: "",
  provenance: NO_TEXT,
  endpoint: "",
  framework: "",
  placement: "CLOUD",
  isRepeatable: false,
  chip: "",
  chipCount: "1",
  memoryGib: "",
  purpose: "INFER",
  deliverables: NO_TEXT,
  components: [],
};

/** The editor's beginning for a listing that exists. */
export function contentDraft({ slug, workingVersion }: Pick<SellListingFullFragment, "slug" | "workingVersion">): ContentDraft {
  if (workingVersion === null) return { ...EMPTY_CONTENT, slug };
  const { dataset, model, computeTier, solution } = workingVersion;
  return {
    ...EMPTY_CONTENT,
    slug,
    name: unfolded(workingVersion.nameEn, workingVersion.nameZh),
    summary: unfolded(workingVersion.summaryEn, workingVersion.summaryZh),
    capabilities: workingVersion.capabilities.map((each) => each.slug),
    licence: workingVersion.licence ?? "",
    ...(dataset === null
      ? {}
      : {
          mediaType: dataset.mediaType,
          downloadUrl: dataset.downloadUrl,
          sha256: dataset.sha256,
          bytes: dataset.bytes,
          rows: dataset.rows,
          provenance: { en: dataset.provenanceEn ?? "", zh: dataset.provenanceZh ?? "" },
        }),
    ...(model === null
      ? {}
      : {
          endpoint: model.endpoint ?? "",
          framework: model.framework ?? "",
          placement: model.placement,
          isRepeatable: model.isRepeatable,
        }),
    ...(computeTier === null
      ? {}
      : {
          chip: computeTier.chip,
          chipCount: String(computeTier.chipCount),
          memoryGib: String(computeTier.memoryGib),
          purpose: computeTier.purpose,
          placement: computeTier.placement,
        }),
    ...(solution === null
      ? {}
      : {
          deliverables: { en: solution.deliverablesEn ?? "", zh: solution.deliverablesZh ?? "" },
          components: [...solution.componentIds],
        }),
  };
}

/** The API's `ListingContentInput` of a draft without problems. */
export function contentInput(kind: ListingKind, draft: ContentDraft): ListingContentInput {
  const licence = draft.licence.trim();
  return {
    name: localizedInput(draft.name),
    summary: localizedInput(draft.summary),
    capabilities: draft.capabilities,
    ...(licence === "" ? {} : { licence }),
    details: detailsInput(kind, draft),
  };
}

function detailsInput(kind: ListingKind, draft: ContentDraft): ListingContentInput["details"] {
  const { placement } = draft;
  switch (kind) {
    case "DATASET":
      return {
        dataset: {
          mediaType: draft.mediaType.trim(),
          downloadUrl: draft.downloadUrl.trim(),
          sha256: draft.sha256.trim().toLowerCase(),
          bytes: normalizeDecimal(draft.bytes),
          rows: normalizeDecimal(draft.rows),
          provenance: localizedInput(draft.provenance),
        },
      };
    case "MODEL": {
      const framework = draft.framework.trim();
      return {
        model: {
          endpoint: draft.endpoint.trim(),
          placement,
          isRepeatable: draft.isRepeatable,
          ...(framework === "" ? {} : { framework }),
        },
      };
    }
    case "COMPUTE_TIER":
      return {
        computeTier: {
          chip: draft.chip.trim(),
          chipCount: Number(normalizeDecimal(draft.chipCount)),
          memoryGib: Number(normalizeDecimal(draft.memoryGib)),
          purpose: draft.purpose,
          placement,
        },
      };
    case "SOLUTION":
      return { solution: { deliverables: localizedInput(draft.deliverables), componentIds: draft.components } };
  }
}
