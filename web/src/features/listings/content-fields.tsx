// The fields of a listing: what all kinds say, then what only its kind has.
import { useSay } from "@/lib/say";
import { fieldError, type UserErrorLike } from "@/ui/form-errors";
import { LocalizedField } from "@/ui/localized-field";
import { TextField } from "@/ui/text-field";
import { CapabilityChoice } from "./capability-choice";
import { ComponentChoice } from "./component-choice";
import type { ContentDraft } from "./content-draft";
import type { Problems } from "./content-problems";
import type { ListingKind } from "./listing-kinds";
import { ComputeTierFields, DatasetFields, ModelFields } from "./kind-fields";

export interface ContentFieldsProps {
  kind: ListingKind;
  draft: ContentDraft;
  change: (fields: Partial<ContentDraft>) => void;
  /** What is wrong, where it is to be shown already. */
  problems: Problems;
  refused: readonly UserErrorLike[];
  isDisabled: boolean;
}

/** Gives the words for what is wrong with a field, found here or by the platform. */
export function useWrong({ problems, refused }: Pick<ContentFieldsProps, "problems" | "refused">) {
  const say = useSay();
  return (field: keyof ContentDraft): string | null => {
    const problem = problems[field];
    return problem === undefined ? fieldError(refused, field === "slug" ? "slug" : `content.${field}`) : say(problem.id, problem.values);
  };
}

/** The paths of refusals that the fields show themselves. */
export const SHOWN_AT_FIELD = [
  "slug",
  ...["name", "summary", "licence", "capabilities", "mediaType", "downloadUrl", "sha256", "provenance", "endpoint", "framework"].map((field) => `content.${field}`),
  ...["chip", "chipCount", "deliverables", "components"].map((field) => `content.${field}`),
];

export function ContentFields(props: ContentFieldsProps) {
  const { kind, draft, change, isDisabled } = props;
  const say = useSay();
  const wrong = useWrong(props);
  return (
    <>
      <LocalizedField
        label={say("sell.listing.name")}
        description={say("sell.text.either")}
        value={draft.name}
        onChange={(name) => change({ name })}
        error={wrong("name")}
        isDisabled={isDisabled}
      />
      <LocalizedField
        label={say("sell.listing.summary")}
        description={say(`sell.listing.summary.${kind}`)}
        value={draft.summary}
        onChange={(summary) => change({ summary })}
        error={wrong("summary")}
        isMultiline
        rows={4}
        isDisabled={isDisabled}
      />
      <KindFields {...props} />
      <CapabilityChoice
        chosen={draft.capabilities}
        onChange={(capabilities) => change({ capabilities })}
        error={wrong("capabilities")}
        isRequired={kind === "MODEL"}
        isDisabled={isDisabled}
      />
      <TextField
        label={say("sell.listing.licence")}
        description={say("sell.listing.licence.note")}
        placeholder="Apache-2.0"
        value={draft.licence}
        onChange={(licence) => change({ licence })}
        error={wrong("licence")}
        isDisabled={isDisabled}
        autoComplete="off"
      />
    </>
  );
}

function KindFields(props: ContentFieldsProps) {
  const { kind, draft, change, isDisabled } = props;
  const say = useSay();
  const wrong = useWrong(props);
  switch (kind) {
    case "DATASET":
      return <DatasetFields {...props} />;
    case "MODEL":
      return <ModelFields {...props} />;
    case "COMPUTE_TIER":
      return <ComputeTierFields {...props} />;
    case "SOLUTION":
      return (
        <>
          <LocalizedField
            label={say("sell.listing.deliverables")}
            description={say("sell.listing.deliverables.note")}
            value={draft.deliverables}
            onChange={(deliverables) => change({ deliverables })}
            error={wrong("deliverables")}
            isMultiline
            rows={5}
            isDisabled={isDisabled}
          />
          <ComponentChoice
            chosen={draft.components}
            onChange={(components) => change({ components })}
            error={wrong("components")}
            isDisabled={isDisabled}
          />
        </>
      );
  }
}
