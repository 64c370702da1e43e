// Refusals of the seller desk in the reader's language, each led to the field that its rule is about.
import { useMemo } from "react";
import { useRefusals } from "@/lib/refusals";
import type { UserErrorLike } from "@/ui/form-errors";

/** The field of each rule; a rule about the whole has an empty path. */
const FIELDS: Record<string, string> = {
  STORE_NAME_INVALID: "page.name",
  STORE_DESCRIPTION_INVALID: "page.description",
  STORE_WEBSITE_INVALID: "page.website",
  STORE_ACCENT_INVALID: "page.accent",
  STORE_ALREADY_OPEN: "",
  LISTING_NAME_INVALID: "content.name",
  LISTING_SUMMARY_INVALID: "content.summary",
  LISTING_LICENCE_INVALID: "content.licence",
  LISTING_CAPABILITIES_INVALID: "content.capabilities",
  CAPABILITY_UNKNOWN: "content.capabilities",
  DATASET_MEDIA_TYPE_INVALID: "content.mediaType",
  DATASET_DOWNLOAD_INVALID: "content.downloadUrl",
  DATASET_SHA256_INVALID: "content.sha256",
  DATASET_PROVENANCE_INVALID: "content.provenance",
  MODEL_ENDPOINT_INVALID: "content.endpoint",
  MODEL_FRAMEWORK_INVALID: "content.framework",
  COMPUTE_TIER_CHIP_INVALID: "content.chip",
  COMPUTE_TIER_SIZE_INVALID: "content.chipCount",
  SOLUTION_DELIVERABLES_INVALID: "content.deliverables",
  SOLUTION_COMPONENTS_INVALID: "content.components",
  LISTING_IN_REVIEW: "",
  LISTING_NOTHING_CHANGED: "",
  LISTING_DEPRECATED: "",
  LISTING_RETIRED: "",
  LISTING_NOT_PUBLISHED: "",
  LISTING_GONE: "",
  PROBE_NEEDED: "",
  PROBE_UNDER_WAY: "",
  NOTHING_TO_PROBE: "",
  LOGO_TOO_LARGE: "image",
  LOGO_UNREADABLE: "image",
  OFFER_NAME_INVALID: "name",
  OFFER_WITHDRAWN: "",
  TERMS_METER_REPEATED: "terms",
  TERMS_OFFER_NOTHING: "terms",
  TERMS_PRICE_NEGATIVE: "terms",
  TERMS_PRICE_TOO_HIGH: "terms",
  TERMS_PACKAGE_EMPTY: "terms",
  TERMS_TIERS_NOT_RISING: "terms",
  TERMS_TIER_COUNT: "terms",
  TERMS_LAST_TIER_NOT_OPEN: "terms",
  TERMS_TOO_MANY_METERS: "terms",
  TAKEN: "slug",
  MISSING_SCOPE: "",
};

/** Refusals as the desk's forms show them. A rule that is not known here keeps the platform's path. */
export function useDeskRefusals(errors: readonly UserErrorLike[]): UserErrorLike[] {
  const word = useRefusals("sell.error");
  return useMemo(() => word(errors).map((error) => ({ ...error, path: pathOf(error) })), [errors, word]);
}

function pathOf({ code, path }: UserErrorLike): readonly string[] {
  const field = FIELDS[code];
  return path.length > 0 || field === undefined || field === "" ? path : field.split(".");
}

/** The codes that have words of their own, for the test of the catalogues. */
export const KNOWN_CODES: readonly string[] = Object.keys(FIELDS);
