// What the platform would refuse in a listing, said before it is sent: by field, as ids of messages.
import { localizedProblem, misleads } from "@/lib/localized";
import { decimalProblem, normalizeDecimal } from "@/lib/numbers";
import type { MessageId } from "@/messages";
import { isAddress, isSlug } from "../stores/store-draft";
import type { ContentDraft } from "./content-draft";
import type { ListingKind } from "./listing-kinds";

export interface Problem {
  id: MessageId;
  values?: Record<string, string | number>;
}

/** Problems by field. */
export type Problems = Partial<Record<keyof ContentDraft, Problem>>;

export const NAME_MAX = 120;
export const SUMMARY_MAX = 2_000;
export const LONG_TEXT_MAX = 4_000;
export const CAPABILITIES_MAX = 64;
const ADDRESS_MAX = 500;
const INT_MAX = "2147483647";
const COUNT_MAX = "9223372036854775807";

/** Everything that is wrong with a draft of a kind. */
export function contentProblems(kind: ListingKind, draft: ContentDraft, isNew: boolean): Problems {
  const problems: Problems = {};
  const note = (field: keyof ContentDraft, problem: Problem | null) => {
    if (problem !== null) problems[field] = problem;
  };
  if (isNew && !isSlug(draft.slug)) note("slug", { id: "sell.slug.wrong" });
  note("name", localized(draft.name, NAME_MAX));
  note("summary", localized(draft.summary, SUMMARY_MAX));
  note("licence", line(draft.licence, 200, false));
  const isCallable = kind === "MODEL";
  if (draft.capabilities.length > CAPABILITIES_MAX || (isCallable && draft.capabilities.length === 0)) {
    note("capabilities", { id: "sell.listing.capabilities.wrong", values: { max: CAPABILITIES_MAX } });
  }
  switch (kind) {
    case "DATASET":
      if (!isMediaType(draft.mediaType.trim())) note("mediaType", { id: "sell.listing.mediaType.wrong" });
      if (!isDownload(draft.downloadUrl.trim())) note("downloadUrl", { id: "sell.listing.downloadUrl.wrong" });
      if (!/^[0-9a-f]{64}$/i.test(draft.sha256.trim())) note("sha256", { id: "sell.listing.sha256.wrong" });
      note("bytes", whole(draft.bytes, "0", COUNT_MAX));
      note("rows", whole(draft.rows, "0", COUNT_MAX));
      note("provenance", localized(draft.provenance, LONG_TEXT_MAX));
      break;
    case "MODEL":
      if (!isEndpoint(draft.endpoint.trim())) note("endpoint", { id: "sell.listing.endpoint.wrong" });
      note("framework", line(draft.framework, 80, false));
      break;
    case "COMPUTE_TIER":
      note("chip", line(draft.chip, 80, true));
      note("chipCount", whole(draft.chipCount, "1", INT_MAX));
      note("memoryGib", whole(draft.memoryGib, "1", INT_MAX));
      break;
    case "SOLUTION":
      note("deliverables", localized(draft.deliverables, LONG_TEXT_MAX));
      if (draft.components.length > 64) note("components", { id: "sell.listing.components.wrong" });
      break;
  }
  return problems;
}

function localized(text: ContentDraft["name"], max: number): Problem | null {
  const problem = localizedProblem(text, max);
  return problem === null ? null : { id: `sell.text.${problem}`, values: { max } };
}

function line(text: string, max: number, isNeeded: boolean): Problem | null {
  if (text.trim() === "") return isNeeded ? { id: "sell.text.needed" } : null;
  if ([...text.trim()].length > max) return { id: "sell.text.too-long", values: { max } };
  return misleads(text) ? { id: "sell.text.control" } : null;
}

function whole(typed: string, min: string, max: string): Problem | null {
  const problem = decimalProblem(normalizeDecimal(typed), { scale: 0, min, max });
  return problem === null ? null : { id: "sell.number.whole", values: { min } };
}

function isMediaType(text: string): boolean {
  const name = "[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]*";
  return text.length <= 100 && new RegExp(`^${name}/${name}$`).test(text);
}

function isDownload(text: string): boolean {
  if (!text.startsWith("/")) return isAddress(text, { max: ADDRESS_MAX, isPlainAllowed: true });
  const isPlain = /^[A-Za-z0-9/_.-]+$/.test(text) && text.length <= ADDRESS_MAX;
  return isPlain && !text.startsWith("//") && !text.split("/").includes("..");
}

export const CAPABILITY_PLACEHOLDER = "{capability}";

/** An address whose host does not depend on the capability, and with no other placeholder. */
function isEndpoint(text: string): boolean {
  const rest = text.replaceAll(CAPABILITY_PLACEHOLDER, "");
  const host = text.replace(/^https?:\/\//i, "").split(/[/?]/)[0] ?? "";
  return !/[{}]/.test(rest) && !/[{}]/.test(host) && isAddress(text, { max: ADDRESS_MAX, isPlainAllowed: true });
}
